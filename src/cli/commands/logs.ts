import { summaries } from '../../control/summaries.js';
import { ConfigError } from '../../errors.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, switchFlag, valueFlag } from '../command.js';
import { since, wholeNumber } from '../flag-values.js';

const NEWLINE = Buffer.from('\n');

/** `short`: printable lines. `cat`: the bytes as they are in the log. */
const OUTPUT_FORMS = ['short', 'cat'] as const;
type OutputForm = (typeof OUTPUT_FORMS)[number];

function outputForm(text: string): OutputForm {
  const form = OUTPUT_FORMS.find((one) => one === text);
  if (form === undefined) throw new ConfigError('usage', `wanted ${OUTPUT_FORMS.join(' or ')}`);
  return form;
}

interface LogsFlags extends JsonFlag {
  readonly follow: boolean;
  readonly lines: number;
  readonly since?: number;
  readonly grep?: string;
  readonly output: OutputForm;
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
    output: {
      kind: 'parsed',
      parse: outputForm,
      default: 'short',
      placeholder: OUTPUT_FORMS.join('|'),
      brief: 'cat: the bytes as they are in the log, control characters included',
    },
  },
  letters: { f: 'follow', n: 'lines', o: 'output' },
  arguments: [anyServices],
  async run({ control, print, printRaw }, { json, follow, lines, since, grep, output }, services) {
    const filters = { ...(since === undefined ? {} : { since }), ...(grep === undefined ? {} : { grep }) };
    const raw = output === 'cat' && !json;
    for await (const item of control.stream('logs', { services, follow, lines, ...filters, ...(raw ? { raw } : {}) })) {
      if (raw) await printRaw(Buffer.concat([Buffer.from(item.line, 'base64'), NEWLINE]));
      else await print(json ? `${JSON.stringify(item)}\n` : `${item.line}\n`);
    }
    return 0;
  },
});
