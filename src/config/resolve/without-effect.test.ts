import { expect, test } from 'vitest';
import { attributes } from '../attributes/table.js';
import { ABOUT_REQUESTS, ABOUT_RESIDENTS } from './without-effect.js';

/** What a server has however it is started. */
const ABOUT_BOTH = [
  ...['id', 'disable', 'activation', 'flags', 'user', 'group', 'groups', 'server', 'server_args', 'server_args_quotes'],
  ...['env', 'passenv', 'directory', 'umask', 'nice', 'stderr', 'log_keep'],
  ...['rlimit_as', 'rlimit_cpu', 'rlimit_data', 'rlimit_files', 'rlimit_rss', 'rlimit_stack'],
];

test('of every attribute of a service it is known whether it is about requests, resident daemons, or both', () => {
  const ofServices = attributes.filter(([, { where }]) => where !== 'defaults').map(([name]) => name);
  expect([...ABOUT_REQUESTS, ...ABOUT_RESIDENTS, ...ABOUT_BOTH].sort()).toEqual(ofServices.sort());
});
