import { summaries } from '../../control/summaries.js';
import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderSessions } from '../render/sessions.js';

interface SessionsFlags extends JsonFlag {
  readonly from?: string;
}

export const sessions = defineCommand<SessionsFlags>({
  summary: summaries.sessions,
  description: 'One line a session: client, server, bytes and round-trip time as the kernel counts them, CPU and memory of the server.',
  flags: {
    json: jsonFlag,
    from: { kind: 'parsed', parse: String, optional: true, brief: 'Only those of this address', placeholder: 'address' },
  },
  aliases: { j: 'json' },
  words: { name: 'service', brief: 'Names or ids, patterns with * and ?; all if none is named' },
  async run({ control, print, look }, { json, from }, services) {
    const result = await control.call('sessions', { services, ...(from === undefined ? {} : { from }) });
    await print(json ? `${JSON.stringify(result.sessions, null, 2)}\n` : renderSessions(result, look));
    return 0;
  },
});
