import { summaries } from '../../control/summaries.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, switchFlag, valueFlag } from '../command.js';
import { since, wholeNumber } from '../flag-values.js';

interface LogsFlags extends JsonFlag {
  readonly follow: boolean;
  readonly lines: number;
  readonly since?: number;
  readonly grep?: string;
}

export const logs = defineCommand<LogsFlags>({
  summary: summaries.logs,
  description: 'Reads the log files or the captured output of the services named, and otherwise what superd still remembers.',
  flags: {
    json: { ...jsonFlag, brief: 'Print one JSON object per line' },
    follow: switchFlag('Keep printing new lines'),
    lines: { kind: 'parsed', parse: wholeNumber, default: '10', brief: 'Show this many past lines', placeholder: 'number' },
    since: { ...valueFlag('Only lines since then: 10m (ago), or 2026-01-31T09:00', 'time'), parse: since },
    grep: valueFlag('Only lines that contain this text', 'text'),
  },
  letters: { f: 'follow', n: 'lines' },
  arguments: [anyServices],
  async run({ control, print }, { json, follow, lines, since, grep }, services) {
    const filters = { ...(since === undefined ? {} : { since }), ...(grep === undefined ? {} : { grep }) };
    for await (const item of control.stream('logs', { services, follow, lines, ...filters }))
      await print(json ? `${JSON.stringify(item)}\n` : `${item.line}\n`);
    return 0;
  },
});
