import type { LogPlan } from '../../config/plan.js';
import type { PeerFacts, RefusalReason, SessionAnswered, SessionEnded, SessionFailed, SessionStarted } from '../event.js';
import type { Loss } from './line-sink.js';
import { clockTime, perSecond, twoDigits } from './per-second.js';
import { sanitize, sanitizeWord } from './sanitize.js';
import { includesHost, type SessionEvent, wantsLine, wantsTraffic } from './session-line.js';

/** Longest entry in bytes, without its time, as in xinetd; a longer one is truncated. */
const ENTRY_BYTES = 1024;

/** xinetd's words for the reason codes; for it, a sensor and a ban are `address`. A check that xinetd lacks has its code as word. */
const refusalWords: Record<RefusalReason, string> = {
  reflector: 'reflector',
  banned: 'address',
  sensor: 'address',
  proxy: 'proxy',
  address: 'address',
  time: 'time',
  rate: 'rate',
  per_source_limit: 'per_source_limit',
  prefix_limit: 'prefix_limit',
  service_limit: 'service_limit',
  cps: 'connections per second',
  load: 'load',
  process_limit: 'process_limit',
  wrappers: 'libwrap',
  ident: 'ident',
  internal: 'internal',
};

/**
 * One line of a service's log exactly as xinetd writes it, without the time: START, EXIT, FAIL, USERID or NOID. Null when `log_on_success`
 * and `log_on_failure` exclude it.
 *
 * xinetd has no `STDERR: <id> <text>`, for `stderr = log`, and no STDOUT, for `output = log`. A server that could not be started is
 * `FAIL: <id> fork` when no process was created, as in xinetd, and `FAIL: <id> exec` when a later step failed; xinetd writes START and EXIT
 * for the latter.
 *
 * @example xinetdLine(refused, log) // 'FAIL: ssh address from=192.0.2.7'
 */
export function xinetdLine(event: SessionEvent, log: LogPlan): string | null {
  if (!wantsLine(event, log)) return null;
  switch (event.type) {
    case 'session-started':
    case 'session-answered':
      return truncate(startLine(event, log));
    case 'session-ended':
      return truncate(exitLine(event, log));
    case 'session-refused':
      return truncate(`FAIL: ${sanitize(event.service.id)} ${refusalWords[event.reason]}${from(event, log)}`);
    case 'session-shadowed':
      return truncate(`SHADOW: ${sanitize(event.service.id)} ${refusalWords[event.reason]}${from(event, log)}`);
    case 'session-identified':
      return truncate(`USERID: ${sanitize(event.service.id)} ${sanitize(event.text)}`);
    case 'session-unidentified':
      return truncate(`NOID: ${sanitize(event.service.id)} ${addressOf(event.peer)} ${sanitize(event.problem)}`);
    case 'server-said':
      return truncate(`${event.stream.toUpperCase()}: ${sanitize(event.service.id)} ${sanitize(event.text)}`);
    case 'session-failed':
      return truncate(`FAIL: ${sanitize(event.service.id)} ${failureWord(event)}${from(event, log)}`);
  }
}

/**
 * The bytes of a redirected session, on a line before EXIT as in xinetd; null without TRAFFIC, or without a count.
 *
 * @example xinetdTrafficLine(ended, log) // 'TRAFFIC: www in=512(bytes) out=20480(bytes)'
 */
export function xinetdTrafficLine(event: SessionEvent, log: LogPlan): string | null {
  if (!wantsTraffic(event, log)) return null;
  const { fromClient, fromTarget } = event.traffic;
  return truncate(`TRAFFIC: ${sanitize(event.service.id)} in=${fromClient}(bytes) out=${fromTarget}(bytes)`);
}

/** The line that reports lost lines. */
export function xinetdLossLine(loss: Loss): string {
  const lines = loss.lines === 1 ? '1 line' : `${loss.lines} lines`;
  return `${lines} lost since ${logTime(new Date(loss.since))}: ${sanitize(loss.problem)}`;
}

/**
 * The prefix of a line in a service's log, `YY/M/D@HH:MM:SS: `; local time, month and day without a leading zero.
 *
 * @example createServicePrefix()(Date.now()) // '26/11/22@06:49:51: ', …
 */
export function createServicePrefix(): (at: number) => string {
  return perSecond((date) => `${logTime(date)}: `);
}

/**
 * The prefix of a line in a program log file, before the level, `YY/M/D@HH:MM:SS name[pid]: `.
 *
 * @example createProgramPrefix('xinetd', 3994)(Date.now()) // '26/11/22@06:42:20 xinetd[3994]: ', …
 */
export function createProgramPrefix(name: string, pid: number): (at: number) => string {
  return perSecond((date) => `${logTime(date)} ${name}[${pid}]: `);
}

function logTime(date: Date): string {
  return `${twoDigits(date.getFullYear() % 100)}/${date.getMonth() + 1}/${date.getDate()}@${clockTime(date)}`;
}

function startLine(event: SessionStarted | SessionAnswered, log: LogPlan): string {
  const pid = log.onSuccess.has('PID') ? ` pid=${event.type === 'session-started' ? event.pid : 0}` : '';
  return `START: ${sanitize(event.service.id)}${pid}${from(event, log)}`;
}

function exitLine(event: SessionEnded, log: LogPlan): string {
  let line = `EXIT: ${sanitize(event.service.id)}`;
  if (log.onSuccess.has('EXIT')) line += event.exit.kind === 'exited' ? ` status=${event.exit.status}` : ` signal=${event.exit.signal}`;
  if (log.onSuccess.has('PID')) line += ` pid=${event.pid}`;
  if (log.onSuccess.has('DURATION')) line += ` duration=${wholeSeconds(event)}(sec)`;
  return line;
}

/** Like xinetd, subtracts two times that are truncated to seconds. */
function wholeSeconds(event: SessionEnded): number {
  return Math.max(0, Math.floor(event.at / 1000) - Math.floor(event.startedAt / 1000));
}

function failureWord(event: SessionFailed): string {
  return event.step === 'clone' ? 'fork' : 'exec';
}

function from(event: SessionEvent & { readonly peer: PeerFacts }, log: LogPlan): string {
  if (!includesHost(event, log)) return '';
  return ` from=${addressOf(event.peer)}`;
}

function addressOf({ address }: PeerFacts): string {
  return address === null ? '<no address>' : sanitizeWord(address);
}

function truncate(line: string): string {
  if (line.length * 3 <= ENTRY_BYTES || Buffer.byteLength(line) <= ENTRY_BYTES) return line;
  let bytes = Buffer.from(line).subarray(0, ENTRY_BYTES);
  while ((bytes[bytes.length - 1]! & 0xc0) === 0x80) bytes = bytes.subarray(0, -1);
  return bytes[bytes.length - 1]! >= 0xc0 ? bytes.subarray(0, -1).toString() : bytes.toString();
}
