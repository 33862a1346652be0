import type { Prefix } from '../address/prefix-set.js';
import type { Origin } from '../errors.js';

/**
 * The whole configuration as superd will run it: checked, resolved (ids, ports, names), frozen, and nothing but data.
 * Everything behind `config/` reads this and never the text.
 */
export interface Plan {
  readonly services: readonly ServicePlan[];
  /** What stands behind the service tcpmux; names are unique among them, whatever their capitals. */
  readonly muxed: readonly MuxedPlan[];
  /** What is resident, in the order of the text; ids are unique among them. */
  readonly daemons: readonly DaemonPlan[];
  /** Init scripts, the first to be started first; ids are unique among them and the daemons. */
  readonly scripts: readonly ScriptPlan[];
  /** Every file that was read, in order. */
  readonly files: readonly string[];
  /** Where the TCP Wrappers tables stand: `hosts_allow`, `hosts_deny` in `defaults`. */
  readonly tables: { readonly allow: string; readonly deny: string };
  /** Who is never banned: `ban_exempt` in `defaults`. */
  readonly banExempt: readonly Prefix[];
  readonly control: ControlPlan;
}

/** Who may use the control socket, beside root and superd's own user. */
export interface ControlPlan {
  readonly admin: CallersPlan;
  readonly read: CallersPlan;
}

export interface CallersPlan {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
}

/** What starts a service. */
export type Activation = 'request' | 'boot' | 'lazy' | 'internal' | 'redirect';

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
   * INTERCEPT: the server accepts for itself, but superd accepts the clients, asks about each, and passes on what the admitted say; `wait`
   * is false then.
   */
  readonly intercepts: boolean;
  /** false: a server that there is no process for fails at once (NORETRY). */
  readonly retries: boolean;
  readonly program: ProgramPlan;
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

/** A resident daemon (`activation = boot`): started by superd, kept alive, and with a socket of its own, if any. */
export interface DaemonPlan {
  readonly id: string;
  readonly name: string;
  readonly origin: Origin;
  readonly activation: 'boot';
  /** Its `stderr` tells apart what does not go where the output goes: `client` does. */
  readonly program: ProgramPlan;
  /** Ids of daemons; each list holds none of the others'. */
  readonly after: readonly string[];
  readonly needs: readonly string[];
  readonly wants: readonly string[];
  readonly ready: ReadyPlan;
  /** Durations are milliseconds. 0 waits for ever. */
  readonly readyTimeoutMs: number;
  readonly restart: RestartPlan;
  readonly restartDelayMs: number;
  /** Infinity is no limit. */
  readonly restartMax: number;
  readonly stopSignal: SignalName;
  readonly stopTimeoutMs: number;
  readonly reloadSignal: SignalName | null;
  readonly reloadExec: readonly string[] | null;
  /** 0 asks for nothing. */
  readonly watchdogMs: number;
  readonly live: { readonly everyMs: number; readonly probe: Probe } | null;
  /** Bytes. */
  readonly memoryMax: number | null;
  readonly pidfile: string | null;
  readonly output: OutputPlan;
  /** Older generations of an output file. */
  readonly outputKeep: number;
  readonly replicas: number;
}

/** An init script, which starts and stops its daemon by its own words (LSB, «System Initialization»). */
export interface ScriptPlan {
  /** The name of its file. */
  readonly id: string;
  /** The script itself. */
  readonly origin: Origin;
  /** Short-Description, for people; may be empty. */
  readonly description: string;
  /** The script, without a word. */
  readonly program: ProgramPlan;
  /** What is started before it. */
  readonly after: readonly ScriptLink[];
  /** Where its daemon may have written its number; the first that is there holds. */
  readonly pidfiles: readonly string[];
  /** Its daemon is kept alive. */
  readonly supervise: boolean;
  /** Milliseconds for one word; 0 waits for ever. */
  readonly timeoutMs: number;
}

/** Why a script waits for another service. */
export interface ScriptLink {
  /** Of a script or a daemon. */
  readonly id: string;
  readonly how: 'Required-Start' | 'Should-Start' | 'X-Start-Before';
  /** What stands in the comment: a name that the other provides, or a facility with its $. */
  readonly name: string;
}

/** How a daemon shows that it is ready. */
export type ReadyPlan = { readonly kind: 'notify' | 'pidfile' | 'none' } | { readonly kind: 'fd'; readonly fd: number } | Probe;

/** A question from outside. */
export type Probe =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'http'; readonly host: string; readonly port: number; readonly path: string }
  | { readonly kind: 'exec'; readonly argv: readonly string[] };

export interface RestartPlan {
  readonly when: 'always' | 'on-failure' | 'never';
  /** Exit statuses that are no failure, beside 0. */
  readonly statuses: readonly number[];
}

export type OutputPlan =
  | { readonly kind: 'log' | 'null' }
  /** `path` null is a file of its own in the state directory. `size` in bytes. */
  | { readonly kind: 'file'; readonly path: string | null; readonly size: number };

/** Signals that can be sent to some purpose, signal(7). */
export const SIGNALS = [
  ...(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGABRT', 'SIGCONT'] as const),
  ...(['SIGWINCH', 'SIGPWR', 'SIGIO', 'SIGVTALRM'] as const),
] as const;
export type SignalName = (typeof SIGNALS)[number];
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

/** What runs, and as whom. */
export interface ProgramPlan extends ExecutionPlan {
  readonly path: string;
  /** argv[0] and on. */
  readonly argv: readonly string[];
}

/** As whom something runs on a service's behalf, and in what surroundings. */
export interface ExecutionPlan {
  /** Names taken from superd's own environment; null takes all that is fit for a child. */
  readonly passEnvironment: readonly string[] | null;
  /** Set after those, in order; a later one replaces an earlier. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly directory: string;
  readonly credentials: Credentials;
  /** Octal value of umask(2); null inherits superd's. */
  readonly umask: number | null;
  /** Added to superd's own, as nice(2) does. */
  readonly nice: number;
  readonly limits: readonly ResourceLimit[];
  /** Where descriptor 2 leads: to the client as in xinetd, into the log, or nowhere. */
  readonly stderr: 'client' | 'log' | 'null';
}

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups; empty gives them all up. */
  readonly groups: readonly number[];
}

export interface ResourceLimit {
  readonly resource: 'as' | 'cpu' | 'data' | 'files' | 'rss' | 'stack';
  /** Soft and hard alike, in bytes, seconds (cpu) or descriptors (files); Infinity is RLIM_INFINITY. */
  readonly value: number;
}

/** Everything a connection must pass. `Infinity` stands for UNLIMITED, null for «not asked». */
export interface GatePlan {
  /** `superd`: addresses first, so that strangers cannot use up what others may have. `xinetd`: limits first. */
  readonly order: 'superd' | 'xinetd';
  /** shadow: everything is asked, counted and told, and nobody refused. */
  readonly enforce: 'on' | 'shadow';
  /** The flag SENSOR: nobody is let in, and whoever tries is banned for so many seconds (0: not at all; Infinity). null: no sensor. */
  readonly sensor: { readonly banSeconds: number } | null;
  /** Whoever is refused too often is banned. */
  readonly banAfter: BanAfterPlan | null;
  readonly instances: number;
  readonly perSource: number;
  readonly cps: CpsPlan | null;
  /** Connections that one source may make. */
  readonly rate: RatePlan | null;
  /** Sessions that all addresses of one network may have at once; the shortest prefixes first. */
  readonly perPrefix: readonly PrefixLimit[];
  /** Clients that wait instead of being refused, and how long. */
  readonly queue: { readonly most: number; readonly seconds: number } | null;
  /** When a session is ended: after so many seconds, and after so many in which nobody said anything; null is never. */
  readonly session: { readonly limitSeconds: number | null; readonly idleSeconds: number | null } | null;
  /** Whom `rate`, `perSource`, `perPrefix` and a `cps` of one source do not count. */
  readonly exempt: readonly Prefix[];
  /** One-minute load average at which connections are refused. */
  readonly maxLoad: number | null;
  /** Local time, minutes since midnight, both ends belong to it; `from > to` runs over midnight. Empty refuses always. */
  readonly accessTimes: readonly { readonly from: number; readonly to: number }[] | null;
  readonly onlyFrom: SourceList | null;
  readonly noAccess: SourceList | null;
  /** The daemon name that the access rules are asked about; null is NOLIBWRAP. */
  readonly wrappers: string | null;
  /** IDONLY: only clients whose host tells their user (RFC 1413). */
  readonly identified: boolean;
  /** Where what stands here was written, by the attribute's name; nothing for what is in force unwritten. */
  readonly origins: Readonly<Partial<Record<string, Origin>>>;
}

export interface CpsPlan {
  readonly max: number;
  readonly waitSeconds: number;
  /** Whom it closes the door to: everybody, as xinetd, or the source that went too far. */
  readonly scope: 'service' | 'source';
}

/** A bucket of `burst` connections that fills again at so many a second. */
export interface RatePlan {
  readonly perSecond: number;
  readonly burst: number;
}

/** So many refusals within so many seconds, and for how long then. */
export interface BanAfterPlan {
  readonly refusals: number;
  readonly seconds: number;
  readonly banSeconds: number;
}

export interface PrefixLimit {
  readonly family: 4 | 6;
  /** Bits, counted as the family does. */
  readonly length: number;
  readonly most: number;
}

/** A list of clients; present and empty it matches nobody. */
export interface SourceList {
  /** Numeric entries, and what host names in the list resolved to. */
  readonly prefixes: readonly Prefix[];
  /** Host names and `.domain` endings, lower case: matched against the client's confirmed name. */
  readonly names: readonly string[];
}

export interface LogPlan {
  /** How little of a client's address is told; absent: all of it. */
  readonly address?: 'prefix' | 'hash';
  readonly sink: LogSink | null;
  readonly onSuccess: ReadonlySet<SuccessField>;
  readonly onFailure: ReadonlySet<FailureField>;
}

export type SuccessField = 'PID' | 'HOST' | 'USERID' | 'EXIT' | 'DURATION' | 'TRAFFIC';
export type FailureField = 'HOST' | 'USERID' | 'ATTEMPT';

export type LogSink =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Bytes; Infinity is no limit. `hard` ≥ `soft`. */
      readonly soft: number;
      readonly hard: number;
      readonly format: 'xinetd' | 'json';
      /** Rotated generations kept: 0 stops writing at the hard limit, as xinetd does. */
      readonly keep: number;
    }
  | {
      readonly kind: 'syslog';
      readonly facility: string;
      readonly level: string;
      readonly format: 'xinetd' | 'json';
    };
