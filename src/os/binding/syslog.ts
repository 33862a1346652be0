/** Datagrams to unix sockets (syslog, journald, NOTIFY_SOCKET): `native/syslog.c`. */
export interface SyslogBinding {
  /** A non-blocking unix datagram socket. */
  datagramOpen(): number;
  /** Returns 0, or the errno (EAGAIN when the receive queue is full). A path that starts with `@` is abstract. Never blocks. */
  datagramSend(fd: number, path: string, data: Uint8Array): number;
  /** A non-blocking unix datagram socket bound to that name, which receives the credentials of senders. */
  datagramBind(path: string): number;
  /** The first pending datagram, truncated to the buffer, with its sender's credentials; null when none is pending. */
  datagramReceive(fd: number, buffer: Uint8Array): ReceivedDatagram | null;
}

/** The sender as the kernel attests it. */
export interface ReceivedDatagram {
  readonly pid: number;
  readonly uid: number;
  /** A descriptor of its process, which the caller closes; −1 before Linux 6.5, and when the process is gone. */
  readonly pidfd: number;
  /** Bytes. */
  readonly length: number;
}
