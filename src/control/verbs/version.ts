import { count, nullable, object, string } from '../schema.js';
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
    inetdConf: nullable(string('An inetd.conf that is read as well')),
    pidfile: nullable(string()),
    state: nullable(string('The state directory; null where nothing is kept')),
  }),
  run: (_, { daemon: { version: text, startedAt, configPath, inetdConf, pidfile, state } }) => ({
    version: text,
    pid: process.pid,
    startedAt,
    config: configPath,
    inetdConf,
    pidfile,
    state,
  }),
});
