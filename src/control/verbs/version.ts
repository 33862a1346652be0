import { count, object, string } from '../schema.js';
import { defineVerb } from '../verb.js';

export const version = defineVerb({
  name: 'version',
  role: 'read',
  summary: 'The superd that answers',
  params: object({}),
  result: object({
    version: string(),
    pid: count(),
    startedAt: count('Milliseconds since the epoch'),
    config: string('The main configuration file'),
  }),
  run: (_, { daemon: { version: text, startedAt, configPath } }) => ({
    version: text,
    pid: process.pid,
    startedAt,
    config: configPath,
  }),
});
