interface BuiltinFacts {
  /** `both`: it answers datagrams too. */
  readonly socket: 'stream' | 'both';
  /** `local`: it reports on superd itself, so it serves only this machine unless the service has an `only_from` of its own. */
  readonly clients: 'all' | 'local';
}

/** The services that superd itself answers: RFC 862 to 868 and 1078, three of xinetd's that report on the super daemon, and the metrics for Prometheus. */
export const BUILTINS = {
  echo: { socket: 'both', clients: 'all' },
  discard: { socket: 'both', clients: 'all' },
  time: { socket: 'both', clients: 'all' },
  daytime: { socket: 'both', clients: 'all' },
  chargen: { socket: 'both', clients: 'all' },
  tcpmux: { socket: 'stream', clients: 'all' },
  servers: { socket: 'stream', clients: 'local' },
  services: { socket: 'stream', clients: 'local' },
  xadmin: { socket: 'stream', clients: 'local' },
  metrics: { socket: 'stream', clients: 'local' },
} as const satisfies Record<string, BuiltinFacts>;

export type Builtin = keyof typeof BUILTINS;

/** The built-in services that answer datagrams too. */
export type DatagramBuiltin = { [N in Builtin]: (typeof BUILTINS)[N]['socket'] extends 'both' ? N : never }[Builtin];
