import { summaries } from '../../control/summaries.js';
import { renderEvent } from '../../report/console.js';
import type { Event } from '../../report/event.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, switchFlag, valueFlag } from '../command.js';
import { wholeNumber } from '../flag-values.js';
import { markedStyle } from '../terminal.js';

/** superd checks each one and names the types that it knows. */
type EventType = Event['type'];

interface EventsFlags extends JsonFlag {
  readonly follow: boolean;
  readonly lines: number;
  readonly type?: string;
}

export const events = defineCommand<EventsFlags>({
  summary: summaries.events,
  flags: {
    json: { ...jsonFlag, brief: 'Print one JSON object per line' },
    follow: switchFlag('Keep printing new events'),
    lines: { kind: 'parsed', parse: wholeNumber, default: '10', brief: 'Show this many past events', placeholder: 'number' },
    type: valueFlag('Only these types, as session-refused; commas separate several', 'types'),
  },
  letters: { f: 'follow', n: 'lines' },
  arguments: [anyServices],
  async run({ control, print, style }, { json, follow, lines, type }, services) {
    const types = type === undefined ? {} : { types: type.split(',') as EventType[] };
    for await (const event of control.stream('events', { services, follow, lines, ...types }))
      await print(`${json ? JSON.stringify(event) : renderEvent(event as Event, style, markedStyle)}\n`);
    return 0;
  },
});
