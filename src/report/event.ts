import type { DaemonState } from './states.js';

/**
 * Everything that happens. Log lines, metrics and live views are renderings of these events. Times are milliseconds since the epoch,
 * addresses canonical text (IPv4 never as `::ffff:`).
 */
export type Event =
  | ServiceListening
  | ServicePaused
  | ServiceResumed
  | ServiceStopped
  | ServiceUnopened
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

/** Does not compile unless it has every type of the union and no other. */
const types: Readonly<Record<Event['type'], true>> = {
  'service-listening': true,
  'service-paused': true,
  'service-resumed': true,
  'service-stopped': true,
  'service-unopened': true,
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

/** Why the gate refused, in the order of the checks. The codes are stable, for programs; `docs/gate.md` explains each. */
export const refusalReasons = [
  'banned',
  'sensor',
  'reflector',
  'proxy',
  'address',
  'time',
  'rate',
  'per_source_limit',
  'prefix_limit',
  'service_limit',
  'cps',
  'load',
  'process_limit',
  'wrappers',
  'ident',
  'internal',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Why superd ended a session, with the explanation in `docs/logs.md`. The codes are stable, for programs. */
export const endCauses = {
  session_limit: 'the session reached `session_limit`',
  session_idle: 'neither side sent anything for `session_idle`',
  idle_timeout: 'a redirected session relayed nothing for `idle_timeout`',
  unreachable: 'no target of the redirect accepted the connection',
  kicked: 'an operator ended the session (`superctl kick`)',
  stopped: 'an operator stopped or restarted the service',
  no_longer_admitted: 'a new configuration does not admit the client',
  dropped: 'a new configuration removed the service or moved its listener',
  shutdown: 'superd ended',
} as const;
export type EndCause = keyof typeof endCauses;

/** The service that an event is about. */
export interface Subject {
  readonly id: string;
  readonly name: string;
}

/** The client. `address` is null when unknown: the server accepts by itself (`wait = yes`), or an unnamed unix socket. */
export interface PeerFacts {
  readonly address: string | null;
  readonly port: number;
  /** The proxy that announced this client (`proxy_from`); the kernel sees a connection from the proxy. */
  readonly via?: { readonly address: string; readonly port: number };
}

interface ServiceEvent {
  readonly at: number;
  readonly service: Subject;
}

export interface ServiceListening extends ServiceEvent {
  readonly type: 'service-listening';
  /** For people: `tcp 127.0.0.1:7000`, `unix /run/x.sock`. */
  readonly endpoint: string;
}

export interface ServicePaused extends ServiceEvent {
  readonly type: 'service-paused';
  readonly reason: 'cps' | 'no-descriptors';
  readonly seconds: number;
}

export interface ServiceResumed extends ServiceEvent {
  readonly type: 'service-resumed';
}

/** An operator, a new configuration or the end of superd has stopped it. */
export interface ServiceStopped extends ServiceEvent {
  readonly type: 'service-stopped';
}

/** Its socket cannot be opened; superd tries again every few seconds. Each reason comes once. */
export interface ServiceUnopened extends ServiceEvent {
  readonly type: 'service-unopened';
  readonly problem: string;
}

export interface SessionStarted extends ServiceEvent {
  readonly type: 'session-started';
  /** Ascending, unique in one run of superd. */
  readonly session: number;
  readonly peer: PeerFacts;
  /** 0 when superd itself answers. */
  readonly pid: number;
}

/** superd itself has answered in one piece: no process was started, and no `session-ended` follows. */
export interface SessionAnswered extends ServiceEvent {
  readonly type: 'session-answered';
  readonly session: number;
  readonly peer: PeerFacts;
}

export interface SessionEnded extends ServiceEvent {
  readonly type: 'session-ended';
  readonly session: number;
  readonly peer: PeerFacts;
  readonly pid: number;
  readonly startedAt: number;
  readonly exit: ExitStatus;
  readonly usage: ResourceUsage;
  /** For sessions that superd relays. */
  readonly traffic?: Traffic;
  /** When superd ended the session; missing when it ended by itself. */
  readonly cause?: EndCause;
}

export interface SessionRefused extends ServiceEvent {
  readonly type: 'session-refused';
  readonly peer: PeerFacts;
  readonly reason: RefusalReason;
  /** The access rule that refused, `/etc/hosts.deny:3`. */
  readonly rule?: string;
  /** The level in the program log, if the rule sets one. */
  readonly severity?: Notice['level'];
}

/** The client was admitted, but its server could not be started. */
export interface SessionFailed extends ServiceEvent {
  readonly type: 'session-failed';
  readonly session: number;
  readonly peer: PeerFacts;
  /** The step of the start that failed, as in `SpawnStep` of os/binding. */
  readonly step: string;
  readonly errno: number;
  /** For people: `execve /usr/sbin/in.telnetd: no such file or directory (ENOENT)`. */
  readonly problem: string;
}

/** The client's host named its user (RFC 1413); for USERID in the service's log attributes. */
export interface SessionIdentified extends ServiceEvent {
  readonly type: 'session-identified';
  readonly peer: PeerFacts;
  /** null when the client was refused. */
  readonly session: number | null;
  /** The user's name. */
  readonly user: string;
  /** The whole answer, `UNIX : alice`; untrusted text. */
  readonly text: string;
}

/** The client's host did not name its user. */
export interface SessionUnidentified extends ServiceEvent {
  readonly type: 'session-unidentified';
  readonly peer: PeerFacts;
  readonly session: number | null;
  /** In xinetd's words: `no server`, `timeout`, `bad response`. */
  readonly problem: string;
  /** The client was refused for it (IDONLY). */
  readonly required: boolean;
}

/** With `enforce = shadow`: the client was admitted, but enforcement would have refused it. */
export interface SessionShadowed extends ServiceEvent {
  readonly type: 'session-shadowed';
  readonly peer: PeerFacts;
  readonly reason: RefusalReason;
  /** The access rule that refused, `/etc/hosts.deny:3`. */
  readonly rule?: string;
}

/** All services refuse a source from now on. */
export interface SourceBanned {
  readonly type: 'source-banned';
  readonly at: number;
  /** CIDR notation. */
  readonly source: string;
  /** Milliseconds since the epoch; null for a permanent ban. */
  readonly until: number | null;
  readonly cause: 'sensor' | 'refusals' | 'operator';
  /** The source is not banned, but would be without `enforce = shadow`. */
  readonly shadow?: true;
  /** The service that caused the ban; null for an operator. */
  readonly service: Subject | null;
}

/** A line of output that `stderr = log` or `output = log` sends to the log. Which of several servers wrote it is unknown. */
export interface ServerSaid extends ServiceEvent {
  readonly type: 'server-said';
  /** `stdout` for both when they share a pipe. */
  readonly stream: 'stdout' | 'stderr';
  /** Unescaped, at most 1000 bytes. */
  readonly text: string;
}

/** A resident daemon has come from one state into another: docs/states.md. */
export interface DaemonChanged extends ServiceEvent {
  readonly type: 'daemon-changed';
  /** From 0 to `of` − 1. */
  readonly replica: number;
  readonly of: number;
  readonly from: DaemonState;
  readonly state: DaemonState;
  /** 0 without a process. */
  readonly pid: number;
  /** For people: `exit 1 after 3 s; started again in 100 ms`; may be empty. */
  readonly detail: string;
}

/** A log cannot be written, or can be written again (`problem` is empty). */
export interface LogHealth {
  readonly type: 'log-health';
  readonly at: number;
  readonly sink: string;
  readonly problem: string;
  readonly linesLost: number;
}

/** A message of superd to the operator. */
export interface Notice {
  readonly type: 'notice';
  readonly at: number;
  readonly level: 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical';
  readonly message: string;
}

export type ExitStatus =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signaled'; readonly signal: number; readonly core: boolean };

/** Bytes that superd received from each side of a relayed session. */
export interface Traffic {
  readonly fromClient: number;
  readonly fromTarget: number;
}

export interface ResourceUsage {
  readonly userMicroseconds: number;
  readonly systemMicroseconds: number;
  readonly maxRssKilobytes: number;
}

/** Receives every event in order, synchronously; must not throw or block. */
export type EventSink = (event: Event) => void;
