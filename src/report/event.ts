import type { DaemonState } from './states.js';

/**
 * One union of everything that happens. A fact is said once, here; log lines, metrics and live views are renderings of it.
 * Times are milliseconds since the epoch, addresses canonical text (IPv4 never as `::ffff:`).
 */
export type Event =
  | ServiceListening
  | ServicePaused
  | ServiceResumed
  | ServiceStopped
  | SessionStarted
  | SessionAnswered
  | SessionEnded
  | SessionRefused
  | SessionFailed
  | SessionIdentified
  | SessionUnidentified
  | SessionShadowed
  | SourceBanned
  | ServerSaid
  | DaemonChanged
  | LogHealth
  | Notice;

/** A list that lacks a type of the union, or has another, does not compile. */
const types: Readonly<Record<Event['type'], true>> = {
  'service-listening': true,
  'service-paused': true,
  'service-resumed': true,
  'service-stopped': true,
  'session-started': true,
  'session-answered': true,
  'session-ended': true,
  'session-refused': true,
  'session-failed': true,
  'session-identified': true,
  'session-unidentified': true,
  'session-shadowed': true,
  'source-banned': true,
  'server-said': true,
  'daemon-changed': true,
  'log-health': true,
  notice: true,
};
export const eventTypes = Object.keys(types) as readonly Event['type'][];

/**
 * Why the gate refused: every code there is, in the order in which they are asked about, and what it says of the client. The codes are
 * for programs and stay as they are; `docs/gate.md` explains each.
 */
export const refusals = {
  banned: 'is banned',
  sensor: 'touched a sensor',
  reflector: 'would have the answer to a datagram go to a service, or to many',
  proxy: 'comes from a proxy that did not say for whom',
  address: 'is not among the addresses that may connect',
  time: 'came outside the hours of service',
  rate: 'connects more often than one source may',
  per_source_limit: 'has as many sessions as one source may',
  prefix_limit: 'belongs to a network that has as many sessions as it may',
  service_limit: 'came when as many sessions ran as may',
  cps: 'came when more connections a second had come than may',
  load: 'came when the machine was under load',
  process_limit: 'came when all services together had as many sessions as they may',
  wrappers: 'is refused by the access rules',
  ident: 'comes from a host that does not tell its user',
  internal: 'could not be decided about',
} as const;
export type RefusalReason = keyof typeof refusals;
export const refusalReasons = Object.keys(refusals) as readonly RefusalReason[];

/** Why superd ended a session that might have gone on: every code there is. Programs go by them; `docs/logs.md` has each. */
export const endCauses = {
  session_limit: 'it lasted as long as session_limit lets it',
  session_idle: 'neither side said anything for as long as session_idle',
  idle_timeout: 'nothing was to be passed on for as long as idle_timeout',
  unreachable: 'no target of the redirect took it',
  kicked: 'an operator ended it',
  stopped: 'an operator stopped or restarted its service',
  excluded: 'a new configuration does not let its client in',
  dropped: 'a new configuration does not have its service, or has it elsewhere',
  shutdown: 'superd came to its end',
} as const;
export type EndCause = keyof typeof endCauses;

/** The service an event is about; the log attributes go with it so that a rendering needs nothing else. */
export interface Subject {
  readonly id: string;
  readonly name: string;
}

/** Who is at the other end. `address` is null when the kernel does not say (a listener handed over, an unnamed unix socket). */
export interface PeerFacts {
  readonly address: string | null;
  readonly port: number;
  /** The proxy that told of it, where one did (`proxy_from`): the kernel knows the connection as the proxy's. */
  readonly via?: { readonly address: string; readonly port: number };
}

interface Fact {
  readonly at: number;
  readonly service: Subject;
}

export interface ServiceListening extends Fact {
  readonly type: 'service-listening';
  /** For people: `tcp 127.0.0.1:7000`, `unix /run/x.sock`. */
  readonly endpoint: string;
}

export interface ServicePaused extends Fact {
  readonly type: 'service-paused';
  readonly reason: 'cps' | 'no-descriptors';
  readonly seconds: number;
}

export interface ServiceResumed extends Fact {
  readonly type: 'service-resumed';
}

export interface ServiceStopped extends Fact {
  readonly type: 'service-stopped';
  /** Empty when the operator wanted it; otherwise what went wrong. */
  readonly problem: string;
}

export interface SessionStarted extends Fact {
  readonly type: 'session-started';
  /** Unique in one run of superd, ascending. */
  readonly session: number;
  readonly peer: PeerFacts;
  /** 0 when superd itself answers. */
  readonly pid: number;
}

/** superd itself has answered, at once and for good: there was nothing to start, and there is no end to tell of. */
export interface SessionAnswered extends Fact {
  readonly type: 'session-answered';
  readonly session: number;
  readonly peer: PeerFacts;
}

export interface SessionEnded extends Fact {
  readonly type: 'session-ended';
  readonly session: number;
  readonly peer: PeerFacts;
  readonly pid: number;
  readonly startedAt: number;
  readonly exit: ExitStatus;
  readonly usage: ResourceUsage;
  /** Where superd itself passed the bytes on. */
  readonly traffic?: Traffic;
  /** Where superd ended it; otherwise it came to its end by itself. */
  readonly cause?: EndCause;
}

export interface SessionRefused extends Fact {
  readonly type: 'session-refused';
  readonly peer: PeerFacts;
  readonly reason: RefusalReason;
  /** The access rule that decided, `/etc/hosts.deny:3`. */
  readonly rule?: string;
  /** The level in the program log, where the rule gives one. */
  readonly severity?: Notice['level'];
}

/** It was admitted, and then its server could not be started. */
export interface SessionFailed extends Fact {
  readonly type: 'session-failed';
  readonly session: number;
  readonly peer: PeerFacts;
  /** The step of the start that failed, as in `SpawnStep` of os/binding. */
  readonly step: string;
  readonly errno: number;
  /** For people: `execve /usr/sbin/in.telnetd: no such file or directory (ENOENT)`. */
  readonly problem: string;
}

/** The host of a client told its user (RFC 1413), because USERID of the service's log asks for it. */
export interface SessionIdentified extends Fact {
  readonly type: 'session-identified';
  readonly peer: PeerFacts;
  /** Of a client that was let in; null of one that was refused. */
  readonly session: number | null;
  /** The user's name. */
  readonly user: string;
  /** All that the host said, `UNIX : alice`: a stranger's words. */
  readonly text: string;
}

/** The host of a client did not tell its user. */
export interface SessionUnidentified extends Fact {
  readonly type: 'session-unidentified';
  readonly peer: PeerFacts;
  readonly session: number | null;
  /** In xinetd's words: `no server`, `timeout`, `bad response`. */
  readonly problem: string;
  /** It could not be let in without (IDONLY). */
  readonly wanted: boolean;
}

/** With `enforce = shadow`: it was let in, and would have been refused. */
export interface SessionShadowed extends Fact {
  readonly type: 'session-shadowed';
  readonly peer: PeerFacts;
  readonly reason: RefusalReason;
  /** The access rule that decided, `/etc/hosts.deny:3`. */
  readonly rule?: string;
}

/** No service lets a source in for a time. */
export interface SourceBanned {
  readonly type: 'source-banned';
  readonly at: number;
  /** CIDR notation. */
  readonly source: string;
  /** Milliseconds since the epoch; null is for ever. */
  readonly until: number | null;
  readonly cause: 'sensor' | 'refusals' | 'operator';
  /** It would be, and is not: its service has `enforce = shadow`. */
  readonly shadow?: true;
  /** Whose doing it is; null for an operator. */
  readonly service: Subject | null;
}

/** A line that `stderr = log` or `output = log` leads into the log. Which of several servers said it is not known. */
export interface ServerSaid extends Fact {
  readonly type: 'server-said';
  /** Standard output stands for both where they are not led apart. */
  readonly stream: 'stdout' | 'stderr';
  /** As it came, at most 1000 bytes. */
  readonly text: string;
}

/** A resident daemon has come from one state into another: docs/states.md. */
export interface DaemonChanged extends Fact {
  readonly type: 'daemon-changed';
  /** From 0, of so many. */
  readonly replica: number;
  readonly of: number;
  readonly from: DaemonState;
  readonly state: DaemonState;
  /** 0 when it has none. */
  readonly pid: number;
  /** For people: `exit 1 after 3 s; started again in 100 ms`; may be empty. */
  readonly detail: string;
}

/** A log could not be written, or can again. */
export interface LogHealth {
  readonly type: 'log-health';
  readonly at: number;
  readonly sink: string;
  readonly problem: string;
  readonly linesLost: number;
}

/** The daemon's own words to the operator, about no one service. */
export interface Notice {
  readonly type: 'notice';
  readonly at: number;
  readonly level: 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical';
  readonly message: string;
}

export type ExitStatus =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signaled'; readonly signal: number; readonly core: boolean };

/** Bytes that superd took from either side to pass them on. */
export interface Traffic {
  readonly fromClient: number;
  readonly fromTarget: number;
}

export interface ResourceUsage {
  readonly userMicroseconds: number;
  readonly systemMicroseconds: number;
  readonly maxRssKilobytes: number;
}

/** Receives every event, in order, synchronously; it must not throw and must not wait. */
export type EventSink = (event: Event) => void;
