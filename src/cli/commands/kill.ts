import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag, jsonText, someServices } from '../command.js';
import { counted } from '../render/units.js';

interface KillFlags extends JsonFlag {
  readonly signal: string;
}

export const kill = defineCommand<KillFlags>({
  summary: summaries.kill,
  flags: {
    json: jsonFlag,
    signal: { kind: 'parsed', parse: String, default: 'TERM', brief: 'Send this signal, as HUP or USR1', placeholder: 'signal' },
  },
  letters: { s: 'signal' },
  arguments: [someServices],
  async run({ control, print, note }, { json, signal }, services) {
    const result = await control.call('kill', { services, signal });
    if (json) await print(jsonText(result));
    else note(`sent ${result.signal} to ${counted(result.pids.length, 'process')}\n`);
    return 0;
  },
});
