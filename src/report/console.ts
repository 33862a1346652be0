import { styleText } from 'node:util';
import { describeEndpoint, formatHostPort } from '../address/endpoint.js';
import type { ServicePlan } from '../config/plan.js';
import { formatElapsed } from '../duration.js';
import type { Event, PeerFacts, Traffic } from './event.js';
import { describeExit } from './exit-status.js';
import { clockTime } from './log/per-second.js';
import { sanitize } from './log/sanitize.js';

type Style = Parameters<typeof styleText>[0];

/** `color` only when the terminal supports it and its user wants it. */
export interface ConsoleOptions {
  readonly color: boolean;
}

/** Wraps a text in the sequences of a style. */
export type Painter = (look: Style, text: string) => string;

const withSequences: Painter = (look, text) => styleText(look, text, { validateStream: false });

/**
 * One event as one line for people: time, service, event, client, details.
 *
 * @param painter For a writer that must recognise the sequences.
 * @returns The line without a newline.
 * @example renderEvent(started, { color: false }) // '06:49:51  ssh           start     192.0.2.7:40112  pid 31407'
 */
export function renderEvent(event: Event, options: ConsoleOptions, painter: Painter = withSequences): string {
  const { subject, verb, style, details } = describe(event);
  const paint: Painter = (look, text) => (options.color ? painter(look, text) : text);
  return [
    paint('dim', clockTime(new Date(event.at))),
    paint('bold', sanitize(subject).padEnd(12)),
    paint(style, verb.padEnd(8)),
    ...details,
  ]
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

interface EventDescription {
  readonly subject: string;
  readonly verb: string;
  readonly style: Style;
  readonly details: readonly string[];
}

function describe(event: Event): EventDescription {
  switch (event.type) {
    case 'service-listening':
      return describeEvent(event.service.id, 'listen', 'cyan', sanitize(event.endpoint));
    case 'service-paused':
      return describeEvent(event.service.id, 'paused', 'yellow', pauseReason[event.reason], `for ${event.seconds} s`);
    case 'service-resumed':
      return describeEvent(event.service.id, 'resumed', 'cyan');
    case 'service-stopped':
      return describeEvent(event.service.id, 'stopped', 'cyan');
    case 'service-unopened':
      return describeEvent(event.service.id, 'unopened', 'red', sanitize(event.problem));
    case 'session-started':
      return describeEvent(event.service.id, 'start', 'green', renderPeer(event.peer), renderPid(event.pid));
    case 'session-answered':
      return describeEvent(event.service.id, 'answer', 'green', renderPeer(event.peer));
    case 'session-ended': {
      const { exit, at, startedAt } = event;
      const well = exit.kind === 'exited' && exit.status === 0;
      const took = formatElapsed(at - startedAt);
      return describeEvent(
        event.service.id,
        'end',
        well ? 'green' : 'yellow',
        renderPeer(event.peer),
        renderPid(event.pid),
        took,
        describeExit(exit),
        renderTraffic(event.traffic),
        event.cause ?? '',
      );
    }
    case 'session-refused':
      return describeEvent(event.service.id, 'refused', 'yellow', renderPeer(event.peer), event.reason, sanitize(event.rule ?? ''));
    case 'session-shadowed':
      return describeEvent(event.service.id, 'shadow', 'yellow', renderPeer(event.peer), event.reason, sanitize(event.rule ?? ''));
    case 'session-failed':
      return describeEvent(event.service.id, 'failed', 'red', renderPeer(event.peer), sanitize(event.problem));
    case 'session-identified':
      return describeEvent(event.service.id, 'user', 'dim', renderPeer(event.peer), sanitize(event.text));
    case 'session-unidentified':
      return describeEvent(event.service.id, 'no user', 'dim', renderPeer(event.peer), sanitize(event.problem));
    case 'source-banned': {
      const time = event.until === null ? 'permanently' : `for ${formatElapsed(event.until - event.at)}`;
      return describeEvent(
        event.service?.id ?? 'superd',
        event.shadow ? 'would ban' : 'banned',
        'yellow',
        sanitize(event.source),
        time,
        event.cause,
      );
    }
    case 'server-said':
      return describeEvent(event.service.id, event.stream, event.stream === 'stderr' ? 'yellow' : 'dim', sanitize(event.text));
    case 'daemon-changed': {
      const name = event.of === 1 ? event.service.id : `${event.service.id}/${event.replica}`;
      return describeEvent(name, event.state, daemonStyle[event.state], sanitize(event.detail));
    }
    case 'log-health':
      if (event.problem === '') return describeEvent(event.sink, 'log ok', 'cyan', `${event.linesLost} lines lost`);
      return describeEvent(event.sink, 'log', 'red', sanitize(event.problem));
    case 'notice':
      return describeEvent('superd', event.level, noticeStyle[event.level], sanitize(event.message));
  }
}

const pauseReason = { cps: 'too many connections a second', 'no-descriptors': 'no descriptors left' } as const;

const daemonStyle = {
  stopped: 'cyan',
  waiting: 'dim',
  starting: 'dim',
  running: 'green',
  stopping: 'dim',
  restarting: 'dim',
  'cleaning-up': 'yellow',
  backoff: 'yellow',
  'crash-looping': 'red',
  exited: 'cyan',
  failed: 'red',
} as const;

const noticeStyle = { debug: 'dim', info: 'cyan', notice: 'cyan', warning: 'yellow', error: 'red', critical: 'red' } as const;

function describeEvent(subject: string, verb: string, style: Style, ...details: string[]): EventDescription {
  return { subject, verb, style, details };
}

/**
 * The address and port of a peer: `192.0.2.7:40112`, `[2001:db8::1]:40112`, a path.
 *
 * @example renderPeer({ address: '::1', port: 7 }) // '[::1]:7'
 */
export function renderPeer({ address, port }: PeerFacts): string {
  if (address === null) return 'unknown client';
  if (port === 0) return sanitize(address);
  return formatHostPort(sanitize(address), port);
}

function renderPid(pid: number): string {
  return pid === 0 ? '' : `pid ${pid}`;
}

function renderTraffic(traffic: Traffic | undefined): string {
  return traffic === undefined ? '' : `${traffic.fromClient} bytes in, ${traffic.fromTarget} out`;
}

/**
 * The listening services as a table for a terminal: service, endpoint, activation, and server.
 *
 * @param options `width` in columns; the last column is cut to fit.
 * @returns Lines, each with its newline; empty for no services.
 * @example renderListening(plan.services, { color: false, width: 80 })
 * // SERVICE  ENDPOINT            HOW       SERVER
 * // rsync    tcp *:873           request   /usr/bin/rsync --daemon
 */
export function renderListening(services: readonly ServicePlan[], options: ConsoleOptions & { readonly width: number }): string {
  if (services.length === 0) return '';
  const rows = [['SERVICE', 'ENDPOINT', 'HOW', 'SERVER'], ...services.map(listeningRow)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return shorten(line.trimEnd(), options.width);
  });
  const [head, ...body] = lines as [string, ...string[]];
  return [options.color ? styleText('bold', head, { validateStream: false }) : head, ...body].map((line) => `${line}\n`).join('');
}

function listeningRow(plan: ServicePlan): string[] {
  const { id, endpoint, activation, wait } = plan;
  const how = activation === 'request' && wait ? 'request, wait' : activation;
  const server = plan.activation === 'request' ? [plan.program.path, ...plan.program.argv.slice(1)].join(' ') : serverOf(plan);
  return [id, describeEndpoint(endpoint), how, server].map(sanitize);
}

function serverOf(plan: ServicePlan): string {
  if (plan.activation !== 'redirect') return 'superd';
  return `to ${plan.targets.map((target) => (target.kind === 'path' ? target.path : `${target.host} ${target.port}`)).join(', ')}`;
}

function shorten(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
