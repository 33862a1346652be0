import { expect, test } from 'vitest';
import type { DaemonKind } from '../support/daemon.js';
import { describeWith } from '../support/requirements.js';
import { check, whatBecomesOf } from './migrated.js';

/** xinetd takes these values; the value that holds in superd, null where the word is dropped. */
const TAKEN: readonly (readonly [line: string, holds: string | null])[] = [
  ['cps = -1 10', '0 10'],
  ['cps = 10 -1', '10 2147483647'],
  ['cps = 99999999999 10', '2147483647 10'],
  ['instances = 99999999999', '2147483647'],
  ['per_source = 99999999999', '2147483647'],
  ['nice = 99999999999', '2147483647'],
  ['rlimit_as = -1', 'UNLIMITED'],
  ['rlimit_cpu = -1', 'UNLIMITED'],
  ['rlimit_cpu = 99999999999', '99999999999'],
  ['max_load = inf', 'inf'],
  ['max_load = 1e2', '100'],
  ['max_load = 99%', '99'],
  ['max_load = 99.5x', '99.5'],
  ['deny_time = -1', 'FOREVER'],
  ['deny_time = 99999999999', '2147483647'],
  ['mdns = true', null],
  ['mdns = yes', 'yes'],
  ['passenv = A=B', ''],
  ['env = =x', ''],
  ['banner_fail = refused.txt', '/refused.txt'],
  ['log_type = FILE /dev/null -1', 'FILE /dev/null'],
  ['rpc_number = 99999999999', null],
  ['rpc_version = 99999999999', null],
  ['access_times = 00:00-23:59', '00:00-23:59'],
];

/** xinetd gives up the service. */
const REJECTED: readonly string[] = [
  'instances = abc',
  'instances = 10;',
  'instances = -1',
  'per_source = abc',
  'per_source = -1',
  'cps = abc 10',
  'cps = 10s 5',
  'nice = abc',
  'max_load = abc',
  'max_load = 0',
  'deny_time = abc',
  'umask = 888',
  'rlimit_as = abc',
  'user = nosuchuser',
  'group = nosuchgroup',
  'server = /nonexistent',
  'server = cat',
  'bind = *',
  'env = A',
  'disable = maybe',
];

describeWith({ root: true, programs: ['xinetd'] }, 'an odd value, beside the real xinetd', () => {
  test('leaves every service running that xinetd runs, and rejects every service that xinetd drops', async () => {
    const lines = [...TAKEN.map(([line]) => line), ...REJECTED];
    const wanted = lines.map((line) => `${line}: ${REJECTED.includes(line) ? 'closed' : 'serves'}`);
    const outcomes = async (kind: DaemonKind) =>
      (
        await whatBecomesOf(
          lines.map((line) => [line]),
          kind,
        )
      ).map((outcome, i) => `${lines[i]}: ${outcome}`);
    const [theirs, ours] = await Promise.all([outcomes('xinetd'), outcomes('superd')]);
    expect(theirs).toEqual(wanted);
    expect(ours).toEqual(wanted);
  });
});

describeWith({}, 'the check of an odd value', () => {
  test('shows the value that applies, and warns where the text says otherwise', () => {
    const checked = check(TAKEN.map(([line]) => [line]));
    for (const [i, [line, holds]] of TAKEN.entries()) {
      const { status, messages, attributes } = checked[i]!;
      expect([line, status, attributes[line.split(' ')[0]!] ?? null]).toEqual([line, 'accepted', holds]);
      const asWritten = holds !== null && line.endsWith(`= ${holds}`);
      if (!asWritten && line !== 'max_load = 1e2')
        expect([line, messages.filter((one) => one.startsWith('warning: '))]).not.toEqual([line, []]);
    }
  });

  test('takes a limit of -1 for none, since xinetd would refuse every client', () => {
    const [one] = check([['max_load = -1']]);
    expect(one).toMatchObject({ status: 'accepted', attributes: { max_load: 'inf' } });
    expect(one?.messages.join()).toMatch(/warning: max_load: "-1" is not a load average.*superd takes it for no limit/);
  });

  test('resolves relative paths against /, where xinetd runs once it has started', () => {
    const checked = check([['server = bin/echo'], ['banner = etc/motd'], ['log_type = FILE dev/null']]);
    expect(checked.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    const paths = checked.map(({ messages }) => /superd reads it as "([^"]*)"/.exec(messages.join())?.[1]);
    expect(paths).toEqual(['/bin/echo', '/etc/motd', '/dev/null']);
  });

  test('takes blanks of web pages for blanks, with a warning', () => {
    const [one] = check([['\u00a0\u00a0nice\u00a0=\u30005', '\u200bper_source = 3']]);
    expect(one).toMatchObject({ status: 'accepted', attributes: { nice: '5', per_source: '3' } });
    expect(one?.messages.filter((message) => message.startsWith('warning: ') && message.includes('is read as a blank'))).toHaveLength(4);
  });

  test('rejects the directory that xinetd would try to run for each client', () => {
    expect(check([['server = /tmp']])[0]?.status).toBe('rejected');
  });
});
