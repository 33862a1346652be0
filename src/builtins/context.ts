/** The parts of the daemon that built-in services use. */
export interface BuiltinContext {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A receive buffer shared by all; its contents are lost at the next `await`. */
  readonly buffer: Uint8Array;
  /** In the order of the configuration. */
  services(): Iterable<ServiceView>;
  /** The metrics in Prometheus' text format, in pieces. */
  exposition(): Promise<Iterable<string>>;
}

/** A service, as built-in services list it. */
export interface ServiceView {
  readonly id: string;
  readonly name: string;
  /** As in protocols(5), or `unix`. */
  readonly protocol: string;
  readonly port: number;
  /** The address it listens on; null is any. */
  readonly address: string | null;
  readonly uid: number;
  /** −1 when the listener is closed. */
  readonly descriptor: number;
  /** The first target of a redirect; null for other services. */
  readonly target: { readonly host: string; readonly port: string } | null;
  sessions(): Iterable<SessionView>;
}

/** A session of a service. */
export interface SessionView {
  /** 0 when superd itself serves it. */
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The listener, when its server has it (`wait = yes`); −1 when the server has a connection. */
  readonly descriptor: number;
  /** null when unknown. */
  readonly remote: { readonly address: string; readonly port: number } | null;
}
