import { datagramOpen, datagramSend } from '../os/datagram.js';
import { close } from '../os/socket.js';

/**
 * Tells the service manager what superd is doing, sd_notify(3); without NOTIFY_SOCKET nobody listens and nothing happens.
 *
 * @example notifyManager(process.env, 'READY=1')
 */
export function notifyManager(environment: Readonly<Record<string, string | undefined>>, state: string): void {
  const path = environment['NOTIFY_SOCKET'];
  if (path === undefined || path === '') return;
  const fd = datagramOpen();
  datagramSend(fd, path, Buffer.from(state));
  close(fd);
}
