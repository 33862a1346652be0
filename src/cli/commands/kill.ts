import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { counted } from '../render/units.js';

interface KillFlags extends JsonFlag {
  readonly signal: string;
}

export const kill = defineCommand<KillFlags>({
  summary: summaries.kill,
  flags: {
    json: jsonFlag,
    signal: { kind: 'parsed', parse: String, default: 'TERM', brief: 'HUP, USR1 and the like', placeholder: 'signal' },
  },
  aliases: { j: 'json', s: 'signal' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?, or all', least: 1 },
  async run({ control, print, tell }, { json, signal }, services) {
    const result = await control.call('kill', { services, signal });
    if (json) await print(`${JSON.stringify(result, null, 2)}\n`);
    else tell(`${result.signal} to ${counted(result.pids.length, 'process').replace(/processs$/, 'processes')}\n`);
    return 0;
  },
});
