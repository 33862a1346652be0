import type { LogPlan } from '../../config/plan.js';
import type { SessionEnded } from '../event.js';
import type { Loss } from './line-sink.js';
import { clockTime, perSecond, twoDigits } from './per-second.js';
import { sanitizeJson } from './sanitize.js';
import { includesHost, type SessionEvent, wantsLine, wantsTraffic } from './session-line.js';

/** Renders session events as JSON lines (RFC 8259, one object a line, without its newline). */
export interface JsonLines {
  /** Null when `log_on_success` and `log_on_failure` exclude the event. */
  readonly line: (event: SessionEvent, log: LogPlan) => string | null;
  readonly loss: (loss: Loss) => string;
}

/**
 * Creates a renderer, which caches the current second.
 *
 * The log attributes decide whether there is a line, and HOST whether it has the address; all other members are always present.
 *
 * @example createJsonLines().line(refused, log)
 * // '{"time":"2026-11-22T06:49:51.042+01:00","event":"session-refused","id":"ssh","service":"ssh","address":"192.0.2.7","port":40112,"reason":"address"}'
 */
export function createJsonLines(): JsonLines {
  const time = createIsoTime();
  return {
    line(event, log) {
      if (!wantsLine(event, log) && !wantsTraffic(event, log)) return null;
      return sanitizeJson(
        JSON.stringify({
          time: time(event.at),
          event: event.type,
          id: event.service.id,
          service: event.service.name,
          session: ('session' in event ? event.session : null) ?? undefined,
          ...(event.type !== 'server-said' && includesHost(event, log)
            ? { address: event.peer.address, port: event.peer.port }
            : undefined),
          ...details(event),
        }),
      );
    },
    loss(loss) {
      const { at, since, lines, problem } = loss;
      return sanitizeJson(JSON.stringify({ time: time(at), event: 'lines-lost', lines, since: createIsoTime()(since), problem }));
    },
  };
}

/**
 * ISO 8601 with milliseconds and the zone's offset, local time.
 *
 * @example createIsoTime()(0) // '1970-01-01T01:00:00.000+01:00', … by the zone
 */
export function createIsoTime(): (at: number) => string {
  const second = perSecond((date) => [`${calendarDate(date)}T${clockTime(date)}.`, zoneOffset(date)] as const);
  return (at) => {
    const [start, zone] = second(at);
    const milliseconds = Math.floor(at) - Math.floor(at / 1000) * 1000;
    return `${start}${String(milliseconds).padStart(3, '0')}${zone}`;
  };
}

function details(event: SessionEvent): object {
  switch (event.type) {
    case 'session-started':
      return { pid: event.pid };
    case 'session-answered':
      return {};
    case 'session-ended':
      return { pid: event.pid, ...endDetails(event) };
    case 'session-refused':
    case 'session-shadowed':
      return { reason: event.reason, rule: event.rule };
    case 'session-identified':
      return { user: event.user, text: event.text };
    case 'session-unidentified':
      return { problem: event.problem };
    case 'server-said':
      return { stream: event.stream, text: event.text };
    case 'session-failed':
      return { step: event.step, errno: event.errno, problem: event.problem };
  }
}

function endDetails(event: SessionEnded): object {
  const { exit, usage, traffic, cause } = event;
  return {
    ...(exit.kind === 'exited' ? { status: exit.status } : { signal: exit.signal, core: exit.core }),
    durationMs: Math.max(0, Math.round(event.at - event.startedAt)),
    userMs: usage.userMicroseconds / 1000,
    systemMs: usage.systemMicroseconds / 1000,
    maxRssKilobytes: usage.maxRssKilobytes,
    bytesFromClient: traffic?.fromClient,
    bytesFromTarget: traffic?.fromTarget,
    cause,
  };
}

function calendarDate(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function zoneOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(absolute / 60))}:${twoDigits(absolute % 60)}`;
}
