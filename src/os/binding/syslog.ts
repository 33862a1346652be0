/** Datagrams to unix sockets (syslog, journald, NOTIFY_SOCKET): `native/syslog.c`. */
export interface SyslogBinding {
  /** A non-blocking unix datagram socket. */
  datagramOpen(): number;
  /** 0, or the errno (EAGAIN when the reader does not keep up). A path that starts with `@` is abstract. Never blocks. */
  datagramSend(fd: number, path: string, data: Uint8Array): number;
  /** A non-blocking unix datagram socket of that name, which learns who sends. */
  datagramBind(path: string): number;
  /** The first waiting datagram, cut to the buffer, with its sender's credentials; null when none waits. */
  datagramReceive(fd: number, buffer: Uint8Array): { readonly pid: number; readonly uid: number; readonly length: number } | null;
}
