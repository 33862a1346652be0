import { datagramOpen, datagramSend } from '../../os/datagram.js';
import { close } from '../../os/socket.js';
import { priority, syslogTime } from '../../report/log/syslog-sink.js';

export interface SyslogSeverity {
  readonly facility: string;
  readonly level: string;
}

/** Sends one line to the local syslog daemon. Without a daemon the line is lost, as with syslog(3). */
export function syslogLine(tag: string, { facility, level }: SyslogSeverity, text: string): void {
  const printable = text.replace(/[\x00-\x1f\x7f]/g, '?');
  const fd = datagramOpen();
  datagramSend(fd, '/dev/log', Buffer.from(`<${priority(facility, level)}>${syslogTime(new Date())} ${tag}[${process.pid}]: ${printable}`));
  close(fd);
}
