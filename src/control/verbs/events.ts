import { type Event, eventTypes } from '../../report/event.js';
import { serviceOf } from '../log-lines.js';
import { redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { anything, boolean, count, list, object, oneOf, optional } from '../schema.js';
import { services } from '../shared-schemas.js';
import { defineStream } from '../verb.js';

export const events = defineStream({
  name: 'events',
  role: 'read',
  params: object({
    services: optional(services),
    types: optional(list(oneOf(eventTypes), 'Only events of these types')),
    lines: optional(count('How many recent events; 512 at most')),
    follow: optional(boolean('Continue with new events')),
  }),
  item: anything('An event: type, at (milliseconds since the epoch), and the fields of its type in src/report/event.ts'),
  async open({ services: words = [], types, lines = 10, follow = false }, call, emit) {
    const { daemon } = call;
    const redaction = await redactionFor(call);
    const ids = words.length === 0 ? null : new Set(resolveServicesOrAll(daemon.engine.units(), words).map(({ id }) => id));
    const wanted = (event: Event) =>
      (ids === null || ids.has(serviceOf(event) ?? '')) && (types === undefined || types.includes(event.type));
    const recent = daemon.recent.all().filter(wanted);
    for (const event of recent.slice(Math.max(0, recent.length - lines))) emit(redaction.event(event));
    if (!follow) return null;
    return daemon.onEvent((event) => {
      if (wanted(event)) emit(redaction.event(event));
    });
  },
});
