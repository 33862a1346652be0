import { boolean, object, string } from '../schema.js';
import { defineVerb } from '../verb.js';

export const unban = defineVerb({
  name: 'unban',
  role: 'admin',
  params: object({ source: string('As bans lists it') }),
  result: object({ unbanned: boolean('false: there was no ban') }),
  run: ({ source }, { daemon }) => ({ unbanned: daemon.engine.banning.unban(source) }),
});
