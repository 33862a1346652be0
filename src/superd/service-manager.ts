import { datagramOpen, datagramSend } from '../os/datagram.js';
import { close } from '../os/socket.js';

/** Notifications to the service manager, sd_notify(3). */
export interface ServiceManager {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
}

/**
 * Notifies the service manager at NOTIFY_SOCKET; without that variable, does nothing.
 *
 * @example serviceManager(process.env).ready('3 services')
 */
export function serviceManager(environment: Readonly<Record<string, string | undefined>>): ServiceManager {
  const path = environment['NOTIFY_SOCKET'] ?? '';
  const send = (...lines: readonly string[]) => {
    if (path === '') return;
    const fd = datagramOpen();
    datagramSend(fd, path, Buffer.from(lines.join('\n')));
    close(fd);
  };
  return {
    ready: (status) => send('READY=1', `MAINPID=${process.pid}`, `STATUS=${status}`),
    // Type=notify-reload of systemd.service(5) wants CLOCK_MONOTONIC.
    reloading: () => send('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => send('STOPPING=1'),
  };
}
