import type { Builtin, DatagramBuiltin } from '../config/plan.js';
import { Chargen } from './chargen.js';
import type { ClientStream } from './client-stream.js';
import type { BuiltinContext } from './context.js';
import { daytimeOf } from './daytime.js';
import { discard } from './discard.js';
import { echo } from './echo.js';
import { metrics } from './metrics.js';
import { servers } from './servers.js';
import { services } from './services.js';
import { timeOf } from './time.js';
import { xadmin } from './xadmin.js';

/** How superd answers a connection: with a few bytes and a close, or with a session. */
export type StreamAnswer =
  | { readonly kind: 'instant'; readonly bytes: (now: number) => Uint8Array }
  | { readonly kind: 'conversation'; readonly serve: (client: ClientStream, context: BuiltinContext) => Promise<void> };

/**
 * Answers a datagram; the answer overwrites the request in the buffer.
 *
 * @returns The length of the answer; −1 for none.
 */
export type DatagramAnswer = (buffer: Uint8Array, length: number, now: number) => number;

/** The built-in services of one daemon, except tcpmux, which hands its connections to other services. */
export interface Builtins {
  readonly streams: Readonly<Record<Exclude<Builtin, 'tcpmux'>, StreamAnswer>>;
  readonly datagrams: Readonly<Record<DatagramBuiltin, DatagramAnswer>>;
}

export function builtins(): Builtins {
  const chargen = new Chargen();
  const time = oncePerSecond(timeOf);
  const daytime = oncePerSecond(daytimeOf);
  return {
    streams: {
      echo: { kind: 'conversation', serve: echo },
      discard: { kind: 'conversation', serve: discard },
      time: { kind: 'instant', bytes: time },
      daytime: { kind: 'instant', bytes: daytime },
      chargen: { kind: 'conversation', serve: (client) => chargen.serve(client) },
      servers: { kind: 'conversation', serve: servers },
      services: { kind: 'conversation', serve: services },
      xadmin: { kind: 'conversation', serve: xadmin },
      metrics: { kind: 'conversation', serve: metrics },
    },
    datagrams: {
      echo: (_buffer, length) => length,
      discard: () => -1,
      time: (buffer, _length, now) => copyTo(buffer, time(now)),
      daytime: (buffer, _length, now) => copyTo(buffer, daytime(now)),
      chargen: (buffer, length) => chargen.fill(buffer, length),
    },
  };
}

function copyTo(buffer: Uint8Array, answer: Uint8Array): number {
  buffer.set(answer);
  return answer.length;
}

/** Renders once a second, because thousands of clients may ask within one. */
function oncePerSecond(make: (now: number) => Uint8Array): (now: number) => Uint8Array {
  let second = Number.NaN;
  let bytes: Uint8Array = new Uint8Array();
  return (now) => {
    const current = Math.floor(now / 1000);
    if (current !== second) bytes = make((second = current) * 1000);
    return bytes;
  };
}
