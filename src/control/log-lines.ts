import type { LogPlan } from '../config/plan.js';
import { runLater } from '../guarded.js';
import { awaitFileTask, closing, openingToRead, PATIENCE_MS, type Tail, tailOf } from '../os/open-safely.js';
import { renderEvent } from '../report/console.js';
import type { Event } from '../report/event.js';
import { isSessionEvent } from '../report/log/session-line.js';
import { createServicePrefix, xinetdLine } from '../report/log/xinetd-line.js';

/** superd searches at most this much from the end of a log file. */
const MAX_BYTES = 1024 * 1024;

/** A line of a log; `bytes` are those of the file, which need not be UTF-8. */
export interface LogLine {
  readonly text: string;
  readonly bytes: Buffer;
}

/** @param line Text, or the bytes of a file. */
export function logLine(line: string | Buffer): LogLine {
  return typeof line === 'string' ? { text: line, bytes: Buffer.from(line) } : { text: line.toString('utf8'), bytes: line };
}

/**
 * The last matching lines of a file, oldest first; none when superd cannot read it.
 *
 * superd opens the file as it opens the log itself: below a directory of another user with that user's rights, so that a link laid there shows
 * the caller nothing that the user cannot read.
 *
 * @param wanted Whether a line, read as UTF-8, matches.
 */
export async function lastLines(path: string, most: number, wanted: (line: string) => boolean): Promise<LogLine[]> {
  const tail = await tailInTime(path);
  if (tail === null) return [];
  const lines = Buffer.from(tail.bytes).toString('latin1').split('\n');
  if (!tail.isWhole) lines.shift();
  return lines
    .filter((line) => line !== '')
    .map((line) => logLine(Buffer.from(line, 'latin1')))
    .filter(({ text }) => wanted(text))
    .slice(-most);
}

/** Reads under way. Callers of the same file share one: the file system may not answer, and each read holds a file thread until it does. */
const reading = new Map<string, Promise<Tail | null>>();

/** null when superd cannot read the file, or not in time. */
function tailInTime(path: string): Promise<Tail | null> {
  const read = reading.get(path) ?? readTail(path).finally(() => reading.delete(path));
  reading.set(path, read);
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<null>((settle) => {
    timer = runLater(() => settle(null), PATIENCE_MS);
  });
  return Promise.race([read, deadline]).finally(() => clearTimeout(timer));
}

async function readTail(path: string): Promise<Tail | null> {
  try {
    const { fd, regular } = await awaitFileTask(openingToRead(path));
    try {
      return regular ? await awaitFileTask(tailOf(fd, path, MAX_BYTES)) : null;
    } finally {
      awaitFileTask(closing(fd)).catch(() => {});
    }
  } catch {
    return null;
  }
}

/**
 * Whether a line in a log of several services is about this one.
 *
 * @example isAbout('26/11/22@19:38:36: START: echo pid=7 from=192.0.2.7', 'echo') // true
 */
export function isAbout(line: string, id: string): boolean {
  if (line.startsWith('{')) return line.includes(`"id":${JSON.stringify(id)}`);
  const rest = /^\S+: [A-Z]+: (.*)$/s.exec(line)?.[1];
  return rest !== undefined && (rest === id || rest.startsWith(`${id} `));
}

/**
 * The time of a line, milliseconds since the epoch; NaN for a line without one.
 *
 * @example new Date(timeOf('26/11/22@19:38:36: START: echo')).getHours() // 19
 */
export function timeOf(line: string): number {
  const match = /^(\d\d)\/(\d+)\/(\d+)@(\d\d):(\d\d):(\d\d): /.exec(line);
  if (match === null) return Date.parse(/"time":"([^"]+)"/.exec(line)?.[1] ?? '');
  const [, year, month, day, hour, minute, second] = match.map(Number) as [number, number, number, number, number, number, number];
  return new Date(2000 + year, month - 1, day, hour, minute, second).getTime();
}

/** Renders new events as the log file of their service has them; events of services without a log file as a terminal shows them. */
export function lineRenderer(): (event: Event, log: LogPlan | null) => string {
  const prefix = createServicePrefix();
  return (event, log) => {
    if (log?.sink?.kind === 'file' && log.sink.format === 'xinetd' && isSessionEvent(event)) {
      const line = xinetdLine(event, log);
      if (line !== null) return `${prefix(event.at)}${line}`;
    }
    return renderEvent(event, { color: false });
  };
}

/** The id of the service that an event is about; null for none. */
export function serviceOf(event: Event): string | null {
  return 'service' in event ? (event.service?.id ?? null) : null;
}
