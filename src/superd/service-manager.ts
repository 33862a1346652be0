import { datagramOpen, datagramSend } from '../os/datagram.js';
import { close } from '../os/socket.js';

/** What the service manager may be told, sd_notify(3). */
export interface ServiceManager {
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
}

/**
 * The service manager that listens on NOTIFY_SOCKET; without one nobody listens and nothing happens.
 *
 * @example serviceManager(process.env).ready('3 services')
 */
export function serviceManager(environment: Readonly<Record<string, string | undefined>>): ServiceManager {
  const path = environment['NOTIFY_SOCKET'] ?? '';
  const tell = (...lines: readonly string[]) => {
    if (path === '') return;
    const fd = datagramOpen();
    datagramSend(fd, path, Buffer.from(lines.join('\n')));
    close(fd);
  };
  return {
    ready: (status) => tell('READY=1', `MAINPID=${process.pid}`, `STATUS=${status}`),
    // CLOCK_MONOTONIC, for Type=notify-reload of systemd.service(5).
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
  };
}
