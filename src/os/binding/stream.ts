/** Connections that superd itself serves: `native/stream.c`. Never blocks, whatever O_NONBLOCK says; returns bytes moved, or −errno. */
export interface StreamBinding {
  /** recv(2); 0 at the end of what the client sends. */
  streamReceive(fd: number, room: Uint8Array): number;
  /** The same, and the bytes stay where they are. */
  streamPeek(fd: number, room: Uint8Array): number;
  /** send(2), without SIGPIPE. */
  streamSend(fd: number, bytes: Uint8Array): number;
  /** Sends what fits into the socket now, throws away what the client has sent (up to 64 KiB), and closes. */
  streamHangUp(fd: number, bytes: Uint8Array): number;
  /** The abbreviation of the local time zone at a time in seconds since the epoch: `CET`. */
  zoneName(seconds: number): string;
}
