import type { Builtin, DatagramBuiltin } from '../config/plan.js';
import { Chargen } from './chargen.js';
import type { BuiltinContext } from './context.js';
import { daytimeOf } from './daytime.js';
import { discard } from './discard.js';
import { echo } from './echo.js';
import type { ClientStream } from './line.js';
import { metrics } from './metrics.js';
import { servers } from './servers.js';
import { services } from './services.js';
import { timeOf } from './time.js';
import { xadmin } from './xadmin.js';

/** How superd answers a connection: with a few bytes and the end, or for as long as both sides want. */
export type StreamAnswer =
  | { readonly kind: 'instant'; readonly bytes: (now: number) => Uint8Array }
  | { readonly kind: 'conversation'; readonly hold: (line: ClientStream, house: BuiltinContext) => Promise<void> };

/**
 * How superd answers a datagram: in the room that the request stands in.
 *
 * @returns The length of the answer; −1 for none.
 */
export type DatagramAnswer = (room: Uint8Array, length: number, now: number) => number;

/** The built-in services of one daemon; tcpmux, which has connections served by others, is not among them. */
export interface Builtins {
  readonly streams: Readonly<Record<Exclude<Builtin, 'tcpmux'>, StreamAnswer>>;
  readonly datagrams: Readonly<Record<DatagramBuiltin, DatagramAnswer>>;
}

export function builtins(): Builtins {
  const chargen = new Chargen();
  const time = everySecond(timeOf);
  const daytime = everySecond(daytimeOf);
  return {
    streams: {
      echo: { kind: 'conversation', hold: echo },
      discard: { kind: 'conversation', hold: discard },
      time: { kind: 'instant', bytes: time },
      daytime: { kind: 'instant', bytes: daytime },
      chargen: { kind: 'conversation', hold: (line) => chargen.talk(line) },
      servers: { kind: 'conversation', hold: servers },
      services: { kind: 'conversation', hold: services },
      xadmin: { kind: 'conversation', hold: xadmin },
      metrics: { kind: 'conversation', hold: metrics },
    },
    datagrams: {
      echo: (_room, length) => length,
      discard: () => -1,
      time: (room, _length, now) => put(time(now), room),
      daytime: (room, _length, now) => put(daytime(now), room),
      chargen: (room, length) => chargen.fill(room, length),
    },
  };
}

function put(answer: Uint8Array, room: Uint8Array): number {
  room.set(answer);
  return answer.length;
}

/** Made once a second: thousands may ask in one. */
function everySecond(make: (now: number) => Uint8Array): (now: number) => Uint8Array {
  let second = Number.NaN;
  let bytes: Uint8Array = new Uint8Array();
  return (now) => {
    const current = Math.floor(now / 1000);
    if (current !== second) bytes = make((second = current) * 1000);
    return bytes;
  };
}
