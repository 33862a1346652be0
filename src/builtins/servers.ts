import type { BuiltinContext, ServiceView, SessionView } from './context.js';
import type { ClientStream } from './line.js';
import { writePieces } from './write-line.js';

/** xinetd's of old: all that runs, in the words of its state dump. */
export async function servers(line: ClientStream, house: BuiltinContext): Promise<void> {
  await writePieces(line, runningServers(house));
}

/** A block for each session of each service. */
export function* runningServers(house: Pick<BuiltinContext, 'services'>): Generator<string> {
  for (const service of house.services()) {
    for (const session of service.sessions()) yield serverBlock(service, session);
  }
}

/** One session, as the server table of a state dump has it (xinetd(8), SIGUSR1). */
function serverBlock({ id }: Pick<ServiceView, 'id'>, { pid, startedAt, descriptor, remote }: SessionView): string {
  return [
    `${id} server`,
    `pid = ${pid}`,
    `start_time = ${asCtime(startedAt)}`,
    'Connection info:',
    `\tservice = ${id}`,
    `\tdescriptor = ${descriptor}`,
    `\tremote_address = ${remote?.address ?? '<no address>'},${remote?.port ?? 0}`,
    '',
    '',
  ].join('\n');
}

/**
 * A time as ctime(3) writes it, local.
 *
 * @param at Milliseconds since the epoch.
 * @example asCtime(0) // 'Thu Jan 01 00:00:00 1970'
 */
export function asCtime(at: number): string {
  const [day, month, date, year, time] = new Date(at).toString().split(' ');
  return `${day} ${month} ${date} ${time} ${year}`;
}
