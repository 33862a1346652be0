import { findProgram, firstLine } from '../harness/installed.mjs';

/** systemd's own socket activation without the manager: systemd-socket-activate(1). */
export const systemd = {
  name: 'systemd',
  missing: () => (findProgram('systemd-socket-activate') ? null : 'systemd-socket-activate is not installed (package systemd)'),
  version: () => firstLine('systemd-socket-activate', '--version').replace(/^systemd /, ''),
  command: ({ ports, programs }) => [
    'systemd-socket-activate',
    '--inetd',
    '--accept',
    '--listen',
    `127.0.0.1:${ports[0]}`,
    programs.oneLine,
  ],
};
