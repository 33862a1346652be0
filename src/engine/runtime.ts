import type { Address } from '../address/address.js';
import type { Surroundings } from '../gate/facts.js';
import type { Sockets } from '../listen/sockets.js';
import type { Loop } from '../os/loop.js';
import type { Inheritance } from '../process/launch.js';
import type { Reaper } from '../process/reaper.js';
import type { EventSink } from '../report/event.js';
import type { Descriptors } from './descriptors.js';
import type { Session } from './session.js';

/** What every part of the running daemon needs from the rest; made once by the engine. */
export interface Runtime {
  readonly loop: Loop;
  readonly reaper: Reaper;
  readonly inheritance: Inheritance;
  readonly surroundings: Surroundings;
  readonly descriptors: Descriptors;
  readonly sockets: Sockets;
  /** Of all services, those that the plan no longer knows included. */
  readonly sessions: Set<Session>;
  readonly emit: EventSink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The client's host name, confirmed by looking it up again, lower case; null when it has none. Never rejects. */
  readonly confirmedName: (address: Address) => Promise<string | null>;
  /** Ascending, unique in one run. */
  readonly nextSession: () => number;
}
