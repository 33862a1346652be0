import { existsSync } from 'node:fs';
import { datagramOpen, datagramSend } from '../os/datagram.js';
import type { Event } from '../report/event.js';
import { Logs, type ProgramLog } from '../report/log/logs.js';
import type { Options } from './options.js';

/** The socket of the syslog daemon. */
const SYSLOG = '/dev/log';

/** @param report Receives events about the logs themselves. */
export function openLogs(options: Options, report: (event: Event) => void): Logs {
  const socket = datagramOpen();
  return new Logs({
    program: programLog(options),
    send: (path, data) => datagramSend(socket, path, data),
    syslogPath: SYSLOG,
    name: options.xinetdStyle ? 'xinetd' : 'superd',
    report,
  });
}

function programLog({ fileLog, syslogFacility, foreground, prefersSyslog }: Options): ProgramLog {
  if (fileLog !== null) return { kind: 'file', path: fileLog };
  if (syslogFacility !== null || !foreground || (prefersSyslog && existsSync(SYSLOG)))
    return { kind: 'syslog', facility: syslogFacility ?? 'daemon' };
  return { kind: 'terminal', color: process.stderr.isTTY === true && !process.env['NO_COLOR'] };
}
