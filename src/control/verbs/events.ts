import { type Event, eventTypes } from '../../report/event.js';
import { redactionFor } from '../redaction.js';
import { resolveServicesOrAll } from '../resolve-services.js';
import { anything, boolean, count, list, object, oneOf, optional } from '../schema.js';
import { serviceOf } from '../service-lines.js';
import { services } from '../shared-schemas.js';
import { defineStream } from '../verb.js';

export const events = defineStream({
  name: 'events',
  role: 'read',
  params: object({
    services: optional(services),
    types: optional(list(oneOf(eventTypes), 'Only events of these types')),
    lines: optional(count('How many of the last; 512 at most')),
    follow: optional(boolean('Go on for ever')),
  }),
  item: anything('An event, as src/report/event.ts describes them all: type, at, and what belongs to it'),
  async open({ services: words = [], types, lines = 10, follow = false }, call, hand) {
    const { daemon } = call;
    const shown = await redactionFor(call);
    const ids = words.length === 0 ? null : new Set(resolveServicesOrAll(daemon.engine.units(), words).map(({ id }) => id));
    const wanted = (event: Event) =>
      (ids === null || ids.has(serviceOf(event) ?? '')) && (types === undefined || types.includes(event.type));
    const before = daemon.recent.all().filter(wanted);
    for (const event of before.slice(Math.max(0, before.length - lines))) hand(shown.event(event));
    if (!follow) return null;
    return daemon.onEvent((event) => {
      if (wanted(event)) hand(shown.event(event));
    });
  },
});
