import { ErrorReply } from '../../control/client.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, jsonText } from '../command.js';
import { renderStatus } from '../render/status.js';

/** LSB: the status is unknown. */
const UNKNOWN = 4;

export const status = defineCommand<JsonFlag>({
  summary: 'Show the state of services in detail',
  description: 'Exits with 0 when all of them run, with 3 when one does not, and with 4 when one is unknown.',
  flags: { json: jsonFlag },
  arguments: [anyServices],
  async run({ control, print, style, note }, { json }, services) {
    try {
      const result = await control.call('list', { services, look: true });
      const { text, exitCode } = renderStatus(result, style);
      await print(json ? jsonText(result.units) : text);
      return exitCode;
    } catch (error) {
      if (!(error instanceof ErrorReply) || error.code !== 'unknown-service') throw error;
      note(`superctl: ${error.message}\n`);
      return UNKNOWN;
    }
  },
});
