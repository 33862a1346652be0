import type { ClientStream } from './client-stream.js';
import type { BuiltinContext, ServiceView, SessionView } from './context.js';
import { writePieces } from './write-pieces.js';

/** The service `servers` of older xinetd versions: all sessions, in the format of its state dump. */
export async function servers(client: ClientStream, context: BuiltinContext): Promise<void> {
  await writePieces(client, runningServers(context));
}

/** One block for each session of each service. */
export function* runningServers(context: Pick<BuiltinContext, 'services'>): Generator<string> {
  for (const service of context.services()) {
    for (const session of service.sessions()) yield serverBlock(service, session);
  }
}

/** One session in the format of a state dump (xinetd(8), SIGUSR1). */
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
 * A local time in the format of ctime(3).
 *
 * @param at Milliseconds since the epoch.
 * @example asCtime(0) // 'Thu Jan 01 00:00:00 1970'
 */
export function asCtime(at: number): string {
  const [day, month, date, year, time] = new Date(at).toString().split(' ');
  return `${day} ${month} ${date} ${time} ${year}`;
}
