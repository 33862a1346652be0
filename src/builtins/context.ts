/** What the built-in services find in the daemon they are part of. */
export interface BuiltinContext {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Room for all to receive into: what is in it is lost at the next `await`. */
  readonly room: Uint8Array;
  /** In the order of the configuration. */
  services(): Iterable<ServiceView>;
  /** What was counted, in Prometheus' text format, in pieces. */
  exposition(): Promise<Iterable<string>>;
}

/** A service, for those that tell of others. */
export interface ServiceView {
  readonly id: string;
  readonly name: string;
  /** As in protocols(5), or `unix`. */
  readonly protocol: string;
  readonly port: number;
  /** Where it listens; null is everywhere. */
  readonly address: string | null;
  readonly uid: number;
  /** −1 when it is closed. */
  readonly descriptor: number;
  /** Where a redirect leads, `host` and `port`; null for all others. */
  readonly target: { readonly host: string; readonly port: string } | null;
  sessions(): Iterable<SessionView>;
}

/** One of its sessions. */
export interface SessionView {
  /** 0 when superd itself serves it. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Of a socket that a server has been lent; −1 where it has a connection of its own. */
  readonly descriptor: number;
  /** Address and port; null where nobody knows. */
  readonly remote: { readonly address: string; readonly port: number } | null;
}
