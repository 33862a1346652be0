import { summaries } from '../../control/summaries.js';
import { renderEvent } from '../../report/console.js';
import type { Event } from '../../report/event.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { wholeNumber } from '../flag-values.js';

/** superd checks each, and names the types that it knows. */
type EventType = Event['type'];

interface EventsFlags extends JsonFlag {
  readonly follow: boolean;
  readonly lines: number;
  readonly type?: string;
}

export const events = defineCommand<EventsFlags>({
  summary: summaries.events,
  flags: {
    json: { ...jsonFlag, brief: 'Print one JSON object a line' },
    follow: { kind: 'boolean', default: false, brief: 'Go on for ever' },
    lines: { kind: 'parsed', parse: wholeNumber, default: '10', brief: 'How many of the last', placeholder: 'number' },
    type: {
      kind: 'parsed',
      parse: String,
      optional: true,
      brief: 'Only these, session-refused and the like, with commas',
      placeholder: 'types',
    },
  },
  aliases: { j: 'json', f: 'follow', n: 'lines' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json, follow, lines, type }, services) {
    const types = type === undefined ? {} : { types: type.split(',') as EventType[] };
    for await (const event of control.stream('events', { services, follow, lines, ...types }))
      await print(`${json ? JSON.stringify(event) : renderEvent(event as Event, look)}\n`);
    return 0;
  },
});
