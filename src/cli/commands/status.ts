import { Answered } from '../../control/client.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderStatus } from '../render/status.js';

/** LSB: whether it runs cannot be said. */
const UNKNOWN = 4;

export const status = defineCommand<JsonFlag>({
  summary: 'Tell how services stand; ends with 0 when they run, 3 when one does not, 4 when one is unknown',
  flags: { json: jsonFlag },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look, tell }, { json }, services) {
    try {
      const result = await control.call('list', { services, look: true });
      const { text, exitCode } = renderStatus(result, look);
      await print(json ? `${JSON.stringify(result.units, null, 2)}\n` : text);
      return exitCode;
    } catch (error) {
      if (!(error instanceof Answered) || error.code !== 'unknown-service') throw error;
      tell(`superctl: ${error.message}\n`);
      return UNKNOWN;
    }
  },
});
