import type { Prefix } from '../../address/prefix-set.js';
import type { Origin } from '../../errors.js';
import type { GatePlan } from './gate.js';
import type { LogPlan } from './log.js';
import type { ExecutionPlan, ProgramPlan } from './program.js';

/** A service with a socket that superd listens on. */
export type ServicePlan = RequestPlan | InternalPlan | RedirectPlan;

interface ListeningPlan {
  /** Unique among the services of a plan only by convention; two services may share one (xinetd.conf(5)). */
  readonly id: string;
  readonly name: string;
  readonly origin: Origin;
  readonly endpoint: EndpointPlan;
  /** How clients find it through rpcbind; null when its port is known to them. */
  readonly rpc: RpcPlan | null;
  readonly gate: GatePlan;
  /** Proxies that announce their clients by a PROXY protocol header; null has none. */
  readonly proxyFrom: readonly Prefix[] | null;
  readonly log: LogPlan;
  /** null where no client is sent anything. */
  readonly banners: BannersPlan | null;
}

/** A process is started for each connection, or for each burst of a `wait = yes` service. */
export interface RequestPlan extends ListeningPlan {
  readonly activation: 'request';
  /** false: a process for each connection. true: the socket itself is handed to one server at a time. */
  readonly wait: boolean;
  /**
   * INTERCEPT: the server would have the socket, but superd has it, asks about each client, and passes on what the admitted say; `wait`
   * is false then for a stream. null without.
   */
  readonly intercepts: InterceptPlan | null;
  /** false: a server that there is no process for fails at once (NORETRY). */
  readonly retries: boolean;
  readonly program: ProgramPlan;
}

export interface InterceptPlan {
  /** Milliseconds without a byte (a datagram) either way until a client's session ends; Infinity is no limit. */
  readonly idleTimeout: number;
}

/** superd itself answers. */
export interface InternalPlan extends ListeningPlan {
  readonly activation: 'internal';
  /** false for a stream, whose connections superd accepts, whatever is written; true for datagrams, of which it hears that they are there. */
  readonly wait: boolean;
  /** What answers; of datagrams a `DatagramBuiltin`. */
  readonly builtin: Builtin;
  /** For what access rules run on its behalf. */
  readonly program: ExecutionPlan;
}

/** The built-in services: RFC 862 to 868 and 1078, three historic ones of xinetd's about itself, and what Prometheus reads. */
export type Builtin = DatagramBuiltin | 'tcpmux' | 'servers' | 'services' | 'xadmin' | 'metrics';

/** Those that answer datagrams as well. */
export type DatagramBuiltin = 'echo' | 'discard' | 'time' | 'daytime' | 'chargen';

/** superd passes the connection, or the datagrams of each sender, on. */
export interface RedirectPlan extends ListeningPlan {
  readonly activation: 'redirect';
  /** true for datagrams, which are all read from one socket. */
  readonly wait: boolean;
  /** Tried in this order. */
  readonly targets: readonly TargetPlan[];
  /** Of the header that tells a target who the client is; null sends none. */
  readonly proxyProtocol: 'v1' | 'v2' | null;
  /** Milliseconds for one attempt to connect. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte (a datagram) either way; Infinity is no limit. */
  readonly idleTimeout: number;
  readonly program: ExecutionPlan;
}

/** A service behind tcpmux (RFC 1078): it has no socket, and its endpoint is that of the service tcpmux. */
export type MuxedPlan = (RequestPlan | InternalPlan) & {
  /** Whether tcpmux tells the client that its server begins, or leaves that to the server. */
  readonly mux: 'acknowledged' | 'plain';
};

/** Where connections are passed on to. */
export type TargetPlan =
  | {
      readonly kind: 'host';
      readonly host: string;
      readonly port: number;
      /** What the host was when the configuration was read; empty when nobody knew. */
      readonly addresses: readonly string[];
    }
  /** A unix socket; `@` and a name in the abstract namespace. */
  | { readonly kind: 'path'; readonly path: string };

/** An RPC program, RFC 5531: registered for each version, wherever its socket was bound. */
export interface RpcPlan {
  readonly program: number;
  /** Both ends belong to it. */
  readonly versions: { readonly low: number; readonly high: number };
}

/** One listening socket. */
export interface EndpointPlan {
  /** `dual` is an IPv6 socket that takes IPv4 as well (IPV6_V6ONLY off), xinetd's default. */
  readonly family: 'dual' | 'inet' | 'inet6' | 'unix';
  readonly type: 'stream' | 'dgram' | 'seqpacket' | 'raw';
  /** As in protocols(5); for a unix socket the name is `unix` and the number 0. */
  readonly protocol: { readonly name: string; readonly number: number };
  /** A numeric address, IPv6 with its scope if it has one; null is the wildcard. For `unix` the path. */
  readonly address: string | null;
  /** 0–65535; 0 lets the kernel choose, and is what a unix socket has. */
  readonly port: number;
  /** Connections the kernel queues before superd has accepted them, listen(2). */
  readonly backlog: number;
  readonly nodelay: boolean;
  readonly keepalive: boolean;
}

/** Files that are sent to clients of a stream, absolute paths: to everybody first, then to those let in or those refused. */
export interface BannersPlan {
  readonly first: string | null;
  readonly success: string | null;
  readonly fail: string | null;
}
