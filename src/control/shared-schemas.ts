import { unitStates } from '../report/states.js';
import { boolean, count, type Infer, list, nullable, object, oneOf, optional, string } from './schema.js';

/** The version of the protocol, the first part of every path. */
export const API = '/v1';

/** The body of an answer that is not a result. */
export interface Failure {
  readonly error: {
    /** For programs. */
    readonly code: string;
    /** For people. */
    readonly message: string;
    /** The exit status of superctl: 1 superd declined, 100 the operator's mistake, 111 the machine's failure, 101 a bug of superd. */
    readonly exitCode: number;
  };
}

export const unitState = oneOf(unitStates, 'docs/states.md explains each state');

export const services = list(string(), 'Ids or names of services, patterns with * and ?, or all: docs/control.md');

export const now = count('The time of superd, milliseconds since the epoch');

const activation = oneOf(['request', 'boot', 'lazy', 'internal', 'redirect'], 'What starts it');

export const unitFacts = object(
  {
    id: string('Its name in logs and for superctl'),
    name: string(),
    activation,
    state: unitState,
    up: boolean('Whether it serves its clients, or could'),
    stoppedByOperator: boolean('No new configuration and no restart of superd starts it'),
    problem: string('Why it failed or waits; empty when all is well'),
    since: count('The time of its last change of state, milliseconds since the epoch'),
    endpoint: string('For example tcp 127.0.0.1:7000; empty without one'),
    origin: string('For example /etc/xinetd.d/echo:1'),
    pids: list(count()),
    sessions: count('Current sessions'),
    started: count('Sessions admitted since superd started; for a daemon, starts'),
    refused: count(),
    failed: count('Servers that could not be started; for a daemon, runs that could not start, ended badly or were unhealthy'),
    restarts: count(),
    output: nullable(string('The file with the output of its processes')),
  },
  'A service',
);
export type UnitFacts = Infer<typeof unitFacts>;

export const commandOutcome = object(
  {
    id: string(),
    state: unitState,
    error: nullable(string('Why the command failed')),
  },
  'The outcome of a command for one service',
);
export type CommandOutcome = Infer<typeof commandOutcome>;

export const commandParams = object({
  services,
  wait: optional(boolean('false: answer at once, before the command has finished')),
});
export const commandResult = object({ units: list(commandOutcome) });

const sessionState = oneOf(
  ['starting', 'running', 'established', 'half-closed', 'closing'],
  'half-closed: the client has closed its side; running: the kernel has no TCP connection for it',
);

export const sessionFacts = object(
  {
    id: count('Unique in one run of superd'),
    service: string(),
    activation,
    address: nullable(string('The client; null when the kernel does not know it')),
    port: count(),
    since: count('Milliseconds since the epoch'),
    state: sessionState,
    pid: count('The server; 0 when superd itself answers'),
    received: nullable(count('Bytes from the client, as the kernel counts them; null without a TCP connection')),
    sent: nullable(count('Bytes that the client has acknowledged')),
    rttMicroseconds: nullable(count('Round-trip time')),
    idleMs: nullable(count('Since the last byte in either direction')),
    cpuMs: nullable(count('CPU time of the server')),
    residentBytes: nullable(count('Memory of the server')),
  },
  'A session',
);
export type SessionFacts = Infer<typeof sessionFacts>;
