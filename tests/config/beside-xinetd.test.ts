import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Loaded, load } from '../../src/config/load.js';
import { startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { caseDisk, caseLookUp } from './case-world.js';
import { compare, type Difference } from './compare.js';
import type { Accepted } from './oracle.js';

/** SUPERD_SEED=7 selects other services. */
const SEED = Number(process.env['SUPERD_SEED'] ?? 1);
const SERVICES = 150;

/** Values that people write, right and wrong, for every attribute in the dump. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'group =': ['root', 'tty', 'games', '60'],
  'groups =': ['yes', 'no', 'YES', 'maybe'],
  'nice =': ['5', '-3', '+2', 'high'],
  'umask =': ['022', '77', '0', '8'],
  'instances =': ['0', '5', 'UNLIMITED', 'unlimited', '-1', '5 # five', '99999999999'],
  'per_source =': ['1', 'UNLIMITED', '3 4', '2 // two'],
  'cps =': ['10 5', '0 0', '10', '25 30 # per second'],
  'access_times =': ['8:00-17:00', '0:0-23:59 1:00-2:00', '22:00-06:00', '12:00-24:00', '9-17'],
  'only_from =': [
    '127.0.0.1',
    '10.0.0.0',
    '10.1.0.0 192.0.2.7',
    '10.0.0.0/8 ::1',
    '2001:db8::/32',
    '10.1.{2,3}',
    '127.1',
    '0.0.0.0/0 ::/0',
    '10.0.0.1, 10.0.0.2',
    '10.0.0.0/255.0.0.0',
    '127.0.0.',
    '192.0.2.0/24 # lab',
    '',
  ],
  'only_from +=': ['192.0.2.0', '198.51.100.7', '10.2.0.0/16'],
  'only_from -=': ['192.0.2.0', '10.0.0.0', '127.0.0.1'],
  'no_access =': ['10.0.0.1', '10.0.0.0/9', '0.0.0.0'],
  'no_access +=': ['10.0.0.2', '203.0.113.0'],
  'log_type =': [
    'SYSLOG daemon',
    'SYSLOG local3 notice',
    'SYSLOG nowhere',
    'FILE /dev/null',
    'FILE /dev/null 4M 8M',
    'FILE /dev/null 8M 4M',
  ],
  'log_on_success =': ['PID HOST', 'EXIT DURATION', 'pid', 'PIDS', ''],
  'log_on_success +=': ['USERID', 'HOST'],
  'log_on_success -=': ['PID', 'HOST'],
  'log_on_failure =': ['HOST', 'HOST ATTEMPT', 'HOST, ATTEMPT', ''],
  'log_on_failure +=': ['ATTEMPT'],
  'flags =': ['IPv4', 'IPv6', 'REUSE NODELAY', 'KEEPALIVE', 'NOLIBWRAP IPv4', 'NODELY'],
  'bind =': ['127.0.0.1', '::1', '127.1', '0.0.0.0', 'no such'],
  'server_args =': ['a b', '-x  y', 'a "b c"', '# not', ''],
  'rlimit_as =': ['100M', '1G', '8192', 'UNLIMITED', '64 M'],
  'max_load =': ['2.5', '0'],
  // Not no: after a mistake it makes xinetd run the service after all.
  'disable =': ['yes', 'yes # not now'],
  'log_on_failer =': ['HOST'],
  'wait=': ['no'],
};

const line = fc.constantFrom(...Object.entries(LINES).flatMap(([start, values]) => values.map((value) => `${start} ${value}`.trimEnd())));
const service = fc.record({ user: fc.constantFrom('root', 'games', 'nobody'), lines: fc.array(line, { maxLength: 6 }) });

function toBlock({ user, lines }: { user: string; lines: readonly string[] }, number: number): string {
  const fixed = [
    `port = ${4000 + number}`,
    'type = UNLISTED',
    'socket_type = stream',
    'protocol = tcp',
    `user = ${user}`,
    'server = /bin/cat',
  ];
  const wait = lines.some((one) => one.startsWith('wait')) ? [] : ['wait = no'];
  return `service s${number}\n{\n${[...fixed, ...wait, ...lines].map((one) => `\t${one}\n`).join('')}}\n`;
}

const DEFAULTS =
  'defaults\n{\n\tonly_from = 192.0.2.0 127.0.0.1\n\tlog_on_success = HOST PID\n\tlog_on_failure = HOST\n\tinstances = 40\n\tlog_type = SYSLOG authpriv\n}\n';

/** superd's messages about a service's own lines. */
function codesIn(id: string, config: string, loaded: Loaded): string[] {
  const lines = config.split('\n');
  const first = lines.indexOf(`service ${id}`) + 1;
  const last = lines.indexOf('}', first) + 1;
  return loaded.diagnostics.filter(({ line: number }) => number >= first && number <= last).map(({ code }) => code);
}

/** A note explains a value that differs from xinetd's; of too many values xinetd ignores the line, and superd takes the first number. */
function intended({ what, because, service: id }: Difference, config: string, loaded: Loaded): boolean {
  const several = what === 'status' || what === 'only_from' || what === 'no_access';
  const codes = several ? codesIn(id, config, loaded) : (because?.split(' ') ?? []);
  return codes.some((code) => code.startsWith('read-') || code === 'value-count');
}

describeWith(
  { root: true, programs: ['xinetd', 'ip'], networkNamespaces: true, mountNamespaces: true },
  'random services, beside the real xinetd',
  () => {
    test('superd accepts what xinetd accepts, with equal values, and notes what it accepts beyond that', async () => {
      const config = DEFAULTS + fc.sample(service, { numRuns: SERVICES, seed: SEED }).map(toBlock).join('');
      const accepted = await askXinetd(config);
      const loaded = await load({ path: 'main', inetdConf: null, lookUp: caseLookUp, disk: caseDisk(new Map([['main', config]])) });

      expect(accepted.length).toBeGreaterThan(SERVICES / 10);
      expect(compare(accepted, loaded).filter((difference) => !intended(difference, config, loaded))).toEqual([]);

      const theirs = new Set(accepted.map(({ id }) => id));
      const silent = loaded.report.services.filter(
        ({ id, status }) => status === 'accepted' && !theirs.has(id) && codesIn(id, config, loaded).length === 0,
      );
      expect(silent).toEqual([]);
    });
  },
);

/** Runs the real xinetd in a private place, and reads its state dump. */
async function askXinetd(config: string): Promise<Accepted[]> {
  const run = join(temporaryDirectory(), 'run');
  mkdirSync(run);
  const apart = ['unshare', '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'sh', ...withMounts({ '/run': run })];
  const daemon = await startDaemon({ config, kind: 'xinetd', prefix: apart });
  daemon.signal('SIGUSR1');
  const dump = join(run, 'xinetd.dump');
  const text = await waitFor(
    'the state dump',
    () => existsSync(dump) && /END OF DUMP/.test(readFileSync(dump, 'utf8')) && readFileSync(dump, 'utf8'),
  );
  return text
    .split(/^Service = /m)
    .slice(1)
    .map(readDumped)
    .filter(({ attributes }) => attributes['id'] !== undefined);
}

function readDumped(text: string): Accepted {
  const attributes: Record<string, string | boolean> = {};
  for (const [, key = '', value] of text.matchAll(/^\t\t([A-Za-z][^=:\n]*?)(?: = |: ?|$)(.*)$/gm))
    attributes[key] = value === '' || value === undefined ? true : value.trim();
  return { id: String(attributes['id']), service: text.split('\n')[0] as string, attributes };
}
