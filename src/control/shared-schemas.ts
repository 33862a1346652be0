import { unitStates } from '../report/states.js';
import { boolean, count, type Infer, list, nullable, object, oneOf, optional, string } from './schema.js';

/** Part of every path, so that another way of speaking can live beside this one. */
export const API = '/v1';

/** What comes instead of a result. */
export interface Failure {
  readonly error: {
    /** For programs. */
    readonly code: string;
    /** For people. */
    readonly message: string;
    /** What superctl ends with: 1 asked and answered no, 100 the operator's to mend, 111 the machine's, 101 ours. */
    readonly exitCode: number;
  };
}

export const unitState = oneOf(unitStates, 'docs/states.md has what each means');

/** Which services a command is about. */
export const services = list(string(), 'Names or ids of services, patterns with * and ?, or all');

export const unitFacts = object(
  {
    id: string('What it is called in logs and by superctl'),
    name: string(),
    activation: oneOf(['request', 'boot', 'lazy', 'internal', 'redirect']),
    state: unitState,
    up: boolean('Whether it does what it is there for'),
    stoppedByOperator: boolean('No new configuration and no restart of superd starts it'),
    problem: string('Why it failed or waits; empty when all is well'),
    since: count('Since when it stands so, milliseconds since the epoch'),
    endpoint: string('tcp 127.0.0.1:7000; empty when it has none'),
    origin: string('/etc/xinetd.d/echo:1'),
    pids: list(count()),
    sessions: count('Sessions now'),
    started: count('Sessions admitted since superd started, and starts of a daemon'),
    refused: count(),
    failed: count('Starts that came to nothing'),
    restarts: count(),
    output: nullable(string('The file that holds what its processes say')),
  },
  'A service',
);
export type UnitFacts = Infer<typeof unitFacts>;

/** What became of a command to one service. */
export const commandOutcome = object({
  id: string(),
  state: unitState,
  error: nullable(string('Why it could not be done')),
});
export type CommandOutcome = Infer<typeof commandOutcome>;

export const commandParams = object({
  services,
  wait: optional(boolean('false: answer at once, and do it afterwards')),
});
export const commandResult = object({ units: list(commandOutcome) });

const sessionState = oneOf(
  ['starting', 'running', 'established', 'half-closed', 'closing'],
  'half-closed: the client has said its last; running: of a connection the kernel tells nothing about',
);

export const sessionFacts = object(
  {
    id: count('Unique in one run of superd'),
    service: string(),
    activation: oneOf(['request', 'boot', 'lazy', 'internal', 'redirect']),
    address: nullable(string('The client; null where the kernel does not say')),
    port: count(),
    since: count('Milliseconds since the epoch'),
    state: sessionState,
    pid: count('0 where superd itself answers'),
    received: nullable(count('Bytes from the client, as the kernel counts them; null for what is no TCP connection')),
    sent: nullable(count('Bytes that the client has confirmed')),
    rttMicroseconds: nullable(count('Round trip time')),
    idleMs: nullable(count('Since the last byte either way')),
    cpuMs: nullable(count('Of its server')),
    residentBytes: nullable(count('Memory of its server')),
  },
  'A session',
);
export type SessionFacts = Infer<typeof sessionFacts>;
