import { redactBlock } from '../redact-env.js';
import { boolean, count, list, nullable, object, oneOf, record, string } from '../schema.js';
import { defineVerb } from '../verb.js';

export const version = defineVerb({
  name: 'version',
  role: 'read',
  params: object({}),
  result: object({
    version: string(),
    pid: count(),
    startedAt: count('Milliseconds since the epoch'),
    config: string('The main configuration file'),
    inetdConf: nullable(string('The inetd.conf that superd reads as well')),
    pidfile: nullable(string()),
    state: nullable(string('The state directory; null when superd keeps nothing')),
    self: nullable(
      object(
        { uid: count(), gid: count(), groups: list(count()) },
        'The credentials of services without user; null when each must name one',
      ),
    ),
    switched: record(boolean(), 'Services that an operator enabled (true) or disabled (false), by id'),
    beside: list(
      object({ id: string(), lines: list(object({ name: string(), operator: oneOf(['=', '+=', '-=']), value: string() })) }),
      'The services that `run` added, without the values of env',
    ),
  }),
  run: (
    _,
    { daemon: { version: text, startedAt, configPath, inetdConf, pidfile, state, defaultCredentials, enabledByOperator, runBlocks } },
  ) => ({
    version: text,
    pid: process.pid,
    startedAt,
    config: configPath,
    inetdConf,
    pidfile,
    state,
    self: defaultCredentials,
    switched: Object.fromEntries(enabledByOperator()),
    beside: runBlocks()
      .map(redactBlock)
      .map(({ name: id, assignments }) => ({ id, lines: assignments.map(({ name, operator, value }) => ({ name, operator, value })) })),
  }),
});
