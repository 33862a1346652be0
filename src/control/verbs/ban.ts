import { parsePrefix } from '../../address/parse-prefix.js';
import { ConfigError } from '../../errors.js';
import { boolean, count, object, optional, string } from '../schema.js';
import { defineVerb } from '../verb.js';

export const ban = defineVerb({
  name: 'ban',
  role: 'admin',
  params: object({
    source: string('An address or a network in CIDR notation'),
    seconds: optional(count('Default: for ever')),
    comment: optional(string()),
  }),
  result: object({ banned: boolean('false: the source is exempt (ban_exempt)') }),
  run({ source, seconds, comment = '' }, { daemon }) {
    const prefix = parsePrefix(source);
    if (prefix === null)
      throw new ConfigError(
        'usage',
        `source: wanted an address or network such as 192.0.2.7 or 10.0.0.0/8, found ${JSON.stringify(source.slice(0, 80))}`,
      );
    return { banned: daemon.engine.banning.ban(prefix, seconds ?? Number.POSITIVE_INFINITY, comment.slice(0, 200)) };
  },
});
