import { summaries } from '../../control/summaries.js';
import { anyServices, defineCommand, type JsonFlag, jsonFlag, jsonText, valueFlag } from '../command.js';
import { renderSessions } from '../render/sessions.js';

interface SessionsFlags extends JsonFlag {
  readonly from?: string;
}

export const sessions = defineCommand<SessionsFlags>({
  summary: summaries.sessions,
  description:
    'One line per session: its client, its server, bytes and round-trip time as the kernel counts them, and CPU time and memory of the server.',
  flags: { json: jsonFlag, from: valueFlag('Only sessions of this address', 'address') },
  arguments: [anyServices],
  async run({ control, print, style }, { json, from }, services) {
    const result = await control.call('sessions', { services, ...(from === undefined ? {} : { from }) });
    await print(json ? jsonText(result.sessions) : renderSessions(result, style));
    return 0;
  },
});
