import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { since, wholeNumber } from '../flag-values.js';

interface LogsFlags extends JsonFlag {
  readonly follow: boolean;
  readonly lines: number;
  readonly since?: number;
  readonly grep?: string;
}

export const logs = defineCommand<LogsFlags>({
  summary: summaries.logs,
  description: 'From the log file or the captured output of the services named, else from what superd still remembers.',
  flags: {
    json: { ...jsonFlag, brief: 'Print one JSON object a line' },
    follow: { kind: 'boolean', default: false, brief: 'Go on for ever' },
    lines: { kind: 'parsed', parse: wholeNumber, default: '10', brief: 'How many of the last', placeholder: 'number' },
    since: {
      kind: 'parsed',
      parse: since,
      optional: true,
      brief: 'Only later ones: 10m ago, or a time as in 2026-01-31T09:00',
      placeholder: 'time',
    },
    grep: { kind: 'parsed', parse: String, optional: true, brief: 'Only lines with this text in them', placeholder: 'text' },
  },
  aliases: { j: 'json', f: 'follow', n: 'lines' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print }, { json, follow, lines, since, grep }, services) {
    const more = { ...(since === undefined ? {} : { since }), ...(grep === undefined ? {} : { grep }) };
    for await (const item of control.stream('logs', { services, follow, lines, ...more }))
      await print(json ? `${JSON.stringify(item)}\n` : `${item.line}\n`);
    return 0;
  },
});
