import type { Session } from '../../engine/sessions/session.js';
import { ConfigError, SystemError } from '../../errors.js';
import { cutConnection } from '../../os/connections.js';
import { Refused } from '../failure.js';
import { count, list, object, optional, string } from '../schema.js';
import { tcpConnectionsOf } from '../session-connections.js';
import { defineVerb } from '../verb.js';

export const kick = defineVerb({
  name: 'kick',
  role: 'admin',
  params: object({
    sessions: optional(list(count('Ids of sessions'))),
    from: optional(string('All sessions of this address')),
  }),
  result: object({ kicked: list(count()), left: list(count(), 'Sessions whose server survived SIGKILL') }),
  async run({ sessions: ids = [], from }, { daemon }) {
    const { engine } = daemon;
    if (ids.length === 0 && from === undefined)
      throw new ConfigError('usage', 'which session? name ids from superctl sessions, or an address with from');
    const all = [...engine.sessions];
    const unknown = ids.filter((id) => !all.some((session) => session.id === id));
    if (unknown.length > 0) throw new Refused('unknown-session', `there is no session ${unknown.join(', ')}`);
    const wanted = all.filter(({ id, peer }) => ids.includes(id) || (from !== undefined && peer.address === from));
    await cut(wanted);
    const left = await engine.end(wanted, 'kicked');
    return {
      kicked: wanted.filter(({ gone }) => gone).map(({ id }) => id),
      left: wanted.filter((session) => left.includes(session)).map(({ id }) => id),
    };
  },
});

/** Destroys the connections first: a server that ignores SIGTERM would keep its client for seconds. Not every kernel or user can do this. */
async function cut(sessions: readonly Session[]): Promise<void> {
  try {
    for (const connection of (await tcpConnectionsOf(sessions)).values()) cutConnection(connection);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
  }
}
