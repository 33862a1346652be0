import { expect, test } from 'vitest';
import type { DaemonKind } from '../support/daemon.js';
import { describeWith } from '../support/requirements.js';
import { type Checked, check, whatBecomesOf } from './migrated.js';

/** A line, and the value of its attribute that holds with it; null where the line is as if it were not there. */
type Row = readonly [line: string, holds: string | null];

/** xinetd warns of each of these lines, ignores it, and runs the service. */
const FORGIVEN: readonly Row[] = [
  ['cps = 50', '50 10'],
  ['cps = 30/5', '30 5'],
  ['cps = 30,5', '30 5'],
  ['cps = 30 5 20', '30 5'],
  ['cps =', '50 10'],
  ['cps = 50/s', '50 10'],
  ['instances = 10 20', '10'],
  ['instances = 10 per host', '10'],
  ['instances =', null],
  ['instances == 10', '10'],
  ['instances = = 10', null],
  ['per_source = 5 6', '5'],
  ['per_source =', null],
  ['nice = 5 6', '5'],
  ['nice =', null],
  ['id = a b', null],
  ['id =', null],
  ['umask = 022 027', '22'],
  ['umask =', null],
  ['max_load = 99 100', '99'],
  ['max_load =', null],
  ['deny_time = 5 6', '5'],
  ['rlimit_as = 4000M 5000M', '4000M'],
  ['rlimit_as =', null],
  ['groups = yes no', 'no'],
  ['groups =', 'no'],
  ['group = root tty', null],
  ['group =', null],
  ['banner = /etc/motd /etc/issue', null],
  ['banner =', null],
  ['bind =', null],
  ['v6only = yes no', 'no'],
  ['disable = no yes', 'no'],
  ['disable =', 'no'],
  ['libwrap = a b', null],
  ['libwrap =', null],
  ['socket_type = stream dgram', 'stream'],
  ['protocol = tcp udp', 'tcp'],
  ['protocol =', 'tcp'],
  ['redirect = 127.0.0.1', null],
  ['redirect = 127.0.0.1 80 90', null],
  ['redirect =', null],
];

/** xinetd gives these services up. */
const REJECTED: readonly string[] = [
  'wait =',
  'wait = no no',
  'server = /bin/cat -u',
  'server =',
  'server_args =',
  'user = root daemon',
  'user =',
  'port = 4000 4001',
  'flags =',
  'access_times =',
  'log_type =',
  'log_type = FILE',
  'log_type = SYSLOG daemon info extra',
];

const attributeOf = (line: string) => line.split(/\s/)[0] as string;
const probesOf = (lines: readonly string[]) => lines.map((line) => [line]);

describeWith({ root: true, programs: ['xinetd'] }, 'a line with the wrong number of words, beside the real xinetd', () => {
  test('leaves every service running that xinetd runs, and rejects every service that xinetd drops', async () => {
    const lines = [...FORGIVEN.map(([line]) => line), ...REJECTED];
    const wanted = lines.map((line) => `${line}: ${REJECTED.includes(line) ? 'closed' : 'serves'}`);
    const outcomes = async (kind: DaemonKind) =>
      (await whatBecomesOf(probesOf(lines), kind)).map((outcome, i) => `${lines[i]}: ${outcome}`);
    const [theirs, ours] = await Promise.all([outcomes('xinetd'), outcomes('superd')]);
    expect(theirs).toEqual(wanted);
    expect(ours).toEqual(wanted);
  });
});

describeWith({}, 'the check of a line with the wrong number of words', () => {
  test('warns of what xinetd forgives, and states the setting that applies', () => {
    const checked = check(probesOf(FORGIVEN.map(([line]) => line)));
    const [plain] = check([[]]);
    for (const [i, [line, holds]] of FORGIVEN.entries()) {
      const { status, messages, attributes } = checked[i] as Checked;
      const name = attributeOf(line);
      const without = name === 'id' ? `probe${i}` : name === 'bind' ? undefined : plain?.attributes[name];
      expect([line, status, attributes[name]]).toEqual([line, 'accepted', holds ?? without]);
      const said = /^warning: (\w+): .*; superd (?:reads it as "|ignores the line, as xinetd does|takes )/;
      expect([line, messages.some((message) => said.exec(message)?.[1] === name)]).toEqual([line, true]);
    }
  });

  test('has an error for what xinetd does not forgive', () => {
    for (const [i, { status, messages }] of check(probesOf(REJECTED)).entries())
      expect([REJECTED[i], status, messages.some((message) => message.startsWith('error: '))]).toEqual([REJECTED[i], 'rejected', true]);
  });

  test('has an error for each with strict = yes, and with --strict', () => {
    const probes = probesOf(FORGIVEN.map(([line]) => line));
    const rejected = probes.map(() => 'rejected');
    const status = ({ status: one }: Checked) => (one === 'disabled' ? 'rejected' : one);
    expect(check(probes, { defaults: 'defaults\n{\n\tstrict = yes\n}\n' }).map(status)).toEqual(rejected);
    expect(check(probes, { args: ['--strict'] }).map(status)).toEqual(rejected);
  });
});
