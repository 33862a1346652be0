/** Connections that superd itself serves: `native/stream.c`. No call blocks, even on a blocking socket; each returns bytes moved, or −errno. */
export interface StreamBinding {
  /** recv(2); 0 at the end of the stream. */
  streamReceive(fd: number, room: Uint8Array): number;
  /** The same with MSG_PEEK: the bytes stay in the queue. */
  streamPeek(fd: number, room: Uint8Array): number;
  /** send(2), without SIGPIPE. */
  streamSend(fd: number, bytes: Uint8Array): number;
  /** Sends as much as the socket takes now, discards up to 64 KiB of pending client data, and closes. */
  streamHangUp(fd: number, bytes: Uint8Array): number;
  /** The abbreviation of the local time zone at a time in seconds since the epoch: `CET`. */
  zoneName(seconds: number): string;
}
