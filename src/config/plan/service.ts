import type { Prefix } from '../../address/prefix-set.js';
import type { Origin } from '../../errors.js';
import type { Builtin } from './builtin.js';
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
  /** Why superd rejects the block in the files, with the place; this plan then has the last good settings of the service. */
  readonly mistake?: string;
  readonly endpoint: EndpointPlan;
  /** The RPC program that rpcbind knows it by; null for a service with a known port. */
  readonly rpc: RpcPlan | null;
  readonly gate: GatePlan;
  /** Proxies that announce their clients with a PROXY protocol header; null for none. */
  readonly proxyFrom: readonly Prefix[] | null;
  readonly log: LogPlan;
  /** null where superd sends clients no banner. */
  readonly banners: BannersPlan | null;
}

/** superd starts a process for each connection, or for each burst of a `wait = yes` service. */
export interface RequestPlan extends ListeningPlan {
  readonly activation: 'request';
  /** false: a process for each connection. true: superd hands the socket itself to one server at a time. */
  readonly wait: boolean;
  /**
   * INTERCEPT: instead of handing over the socket, superd accepts each client, checks it and relays its data to the server; `wait` is
   * then false for a stream. null without the flag.
   */
  readonly intercepts: InterceptPlan | null;
  /** false with NORETRY: a connection fails at once when the machine has no process for its server. */
  readonly retries: boolean;
  /** Milliseconds for which a connection may linger whose server ended with unread input; 0 for none: the kernel resets it. */
  readonly lingerAnswer: number;
  readonly program: ProgramPlan;
}

export interface InterceptPlan {
  /** Milliseconds without data in either direction that end a session; Infinity for no limit. */
  readonly idleTimeout: number;
}

/** superd itself answers the clients. */
export interface InternalPlan extends ListeningPlan {
  readonly activation: 'internal';
  /** false for a stream, whatever is written, because superd accepts the connections; true for datagrams, which superd reads itself. */
  readonly wait: boolean;
  /** The service that answers; for datagrams a `DatagramBuiltin`. */
  readonly builtin: Builtin;
  /** For the commands of access rules. */
  readonly program: ExecutionPlan;
}

/** superd relays the connection, or the datagrams of each sender, to an upstream. */
export interface RedirectPlan extends ListeningPlan {
  readonly activation: 'redirect';
  /** true for datagrams: superd reads them all from one socket. */
  readonly wait: boolean;
  /** The upstreams, in the order in which superd tries them. */
  readonly targets: readonly TargetPlan[];
  /** The version of the header that announces the client to a target; null sends none. */
  readonly proxyProtocol: 'v1' | 'v2' | null;
  /** Milliseconds for one attempt to connect. */
  readonly connectTimeout: number;
  /** Milliseconds without data in either direction; Infinity for no limit. */
  readonly idleTimeout: number;
  readonly program: ExecutionPlan;
}

/** A service behind tcpmux (RFC 1078): without a socket; its endpoint is that of the service tcpmux. */
export type MuxedPlan = (RequestPlan | InternalPlan) & {
  /** Whether tcpmux acknowledges the client's request, or leaves that to the server. */
  readonly mux: 'acknowledged' | 'plain';
};

/** One upstream of a redirect service. */
export type TargetPlan =
  | {
      readonly kind: 'host';
      readonly host: string;
      readonly port: number;
      /** The host's addresses when superd read the configuration; empty when the name had none. */
      readonly addresses: readonly string[];
    }
  /** A unix socket; `@` and a name in the abstract namespace. */
  | { readonly kind: 'path'; readonly path: string };

/** An RPC program, RFC 5531: superd registers each version with the address of its socket. */
export interface RpcPlan {
  readonly program: number;
  /** Both ends included. */
  readonly versions: { readonly low: number; readonly high: number };
}

/** One listening socket. */
export interface EndpointPlan {
  /** `dual`: an IPv6 socket that accepts IPv4 too (IPV6_V6ONLY off), xinetd's default. */
  readonly family: 'dual' | 'inet' | 'inet6' | 'unix';
  readonly type: 'stream' | 'dgram' | 'seqpacket' | 'raw';
  /** As in protocols(5); a unix socket has the name `unix` and the number 0. */
  readonly protocol: { readonly name: string; readonly number: number };
  /** A numeric address, an IPv6 address with its scope if it has one; null for the wildcard. For `unix` the path. */
  readonly address: string | null;
  /** The network device to which the socket is bound (SO_BINDTODEVICE of socket(7)). */
  readonly device?: string;
  /** 0–65535; with 0 the kernel chooses. A unix socket has 0. */
  readonly port: number;
  /** Connections that the kernel queues until superd accepts them, listen(2). */
  readonly backlog: number;
  readonly nodelay: boolean;
  readonly keepalive: boolean;
}

/** Files that superd sends to the clients of a stream, absolute paths: first to every client, then to those admitted or refused. */
export interface BannersPlan {
  readonly first: string | null;
  readonly success: string | null;
  readonly fail: string | null;
}
