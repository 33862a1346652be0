import { describe, expect, test } from 'vitest';
import { type AccessVerdict, compileTables, decide, type Need, type Request, RequestFacts, tableDiagnostics } from './index.js';

const tablesOf = (allow: string, deny = 'ALL: ALL\n') =>
  compileTables({ allow: { path: 'hosts.allow', content: allow }, deny: { path: 'hosts.deny', content: deny } });

const request = (more: Partial<Request> = {}): Request => ({
  daemon: 'sshd',
  client: { address: '192.0.2.7' },
  server: { address: '192.0.2.1' },
  ...more,
});

/** Answers needs from a list until the decision is made; the needs in their order. */
function play(
  answer: (facts: RequestFacts) => AccessVerdict,
  facts: RequestFacts,
  known: Partial<Record<Need['fact'], string | boolean | number>>,
): [AccessVerdict, Need[]] {
  const needs: Need[] = [];
  for (;;) {
    const decision = answer(facts);
    if (decision.kind === 'decided') return [decision, needs];
    needs.push(decision.need);
    facts.learn(decision.need, known[decision.need.fact] ?? expect.fail(`asked for ${decision.need.fact}`));
  }
}

const decideAll = (allow: string, known: Parameters<typeof play>[2], req = request()) => {
  const tables = tablesOf(allow);
  return play((facts) => decide(tables, facts), new RequestFacts(req), known);
};

describe('look-ups', () => {
  test('none, when addresses decide', () => {
    expect(decideAll('sshd: 192.0.2.0/24\n', {})).toMatchObject([{ verdict: 'allow', rule: { path: 'hosts.allow', line: 1 } }, []]);
    expect(decideAll('sshd: [2001:db8::1], 10.\n', {})).toMatchObject([{ verdict: 'deny', rule: { path: 'hosts.deny', line: 1 } }, []]);
  });

  test('the name, for the first rule that needs it', () => {
    expect(decideAll('in.ftpd: .example.com\nsshd: 192.0.2.7\nsshd: .example.com\n', {})).toMatchObject([{ rule: { line: 2 } }, []]);
    expect(decideAll('sshd: .example.com\nsshd: 192.0.2.7\n', { 'client-name': 'a.example.com' })).toMatchObject([
      { rule: { line: 1 } },
      [{ fact: 'client-name' }],
    ]);
  });

  test('the user, only when the host matches', () => {
    expect(decideAll('sshd: joe@10.0.0.1, ann@192.0.2.7\n', { user: 'ann' })).toMatchObject([
      { verdict: 'allow' },
      [{ fact: 'user', timeoutSeconds: null }],
    ]);
  });

  test('rfc931 sets the time for the user', () => {
    expect(decideAll('sshd: ALL: rfc931 3\n', { user: 'ann' })[1]).toEqual([{ fact: 'user', timeoutSeconds: 3 }]);
  });

  test('no name for a client without an address', () => {
    expect(decideAll('sshd: .example.com, UNKNOWN\n', {}, request({ client: { address: '' } }))[0]).toMatchObject({ verdict: 'allow' });
  });

  test('%h uses a name only after an earlier rule has asked for it', () => {
    const known = { 'client-name': 'a.example.org' };
    const spawned = (allow: string) => {
      const [decision] = decideAll(allow, known);
      return decision.effects.map((effect) => (effect.kind === 'spawn' ? effect.command : ''));
    };
    expect(spawned('sshd: 192.0.2.: spawn echo %h\n')).toEqual(['echo 192.0.2.7']);
    expect(spawned('sshd: .example.com\nsshd: 192.0.2.: spawn echo %h\n')).toEqual(['echo a.example.org']);
    expect(spawned('sshd: [::1]\nsshd: 192.0.2.: spawn echo %h\n')).toEqual(['echo a.example.org']);
    expect(spawned('ftpd: [::1]\nsshd: 192.0.2.: spawn echo %h %n %h\n')).toEqual(['echo 192.0.2.7 a.example.org a.example.org']);
  });
});

describe('effects of options', () => {
  test('are returned and not carried out', () => {
    const [decision] = decideAll(
      'sshd: ALL: severity auth.notice: setenv A b c: nice: umask 027: user daemon.nogroup: banners /b: linger 3\n',
      {
        account: true,
      },
    );
    expect(decision.effects).toEqual([
      { kind: 'severity', facility: 'auth', level: 'notice' },
      { kind: 'setenv', name: 'A', value: 'b c' },
      { kind: 'nice', increment: 10 },
      { kind: 'umask', mask: 0o27 },
      { kind: 'credentials', user: 'daemon', group: 'nogroup' },
      { kind: 'banner', path: '/b/sshd' },
      { kind: 'linger', seconds: 3 },
    ]);
  });

  test('text that a stranger can choose cannot become a shell command', () => {
    const [decision] = decideAll('sshd: ALL: spawn logger %u %n\n', { user: '`id`;$(x)', 'client-name': "a'b" });
    expect(decision.effects).toEqual([{ kind: 'spawn', command: 'logger _id____x_ a_b' }]);
  });

  test('twist returns the command that answers instead', () => {
    expect(decideAll('sshd: ALL: twist /bin/echo %a\n', {})[0]).toMatchObject({ verdict: 'allow', twist: '/bin/echo 192.0.2.7' });
  });

  test('a failing aclexec voids its rule, and the rest of the table', () => {
    const allow = 'sshd: ALL: setenv A b: aclexec test %a\nsshd: ALL\n';
    expect(decideAll(allow, { command: 1 })).toMatchObject([
      { verdict: 'deny', rule: { path: 'hosts.deny' } },
      [{ fact: 'command', command: 'test 192.0.2.7', ordinal: 0 }],
    ]);
    expect(decideAll(allow, { command: 0 })[0]).toMatchObject({ verdict: 'allow', rule: { path: 'hosts.allow' } });
  });

  test('a mistake refuses with its problem when its rule matches', () => {
    expect(decideAll('sshd: ALL: severity loud\n', {})[0]).toMatchObject({
      verdict: 'deny',
      reason: 'option-error',
      problem: expect.stringContaining('bad syslog facility or severity: "loud"'),
    });
    expect(decideAll('ftpd: ALL: severity loud\nsshd: ALL\n', {})[0]).toMatchObject({ verdict: 'allow' });
  });
});

describe('incomplete tables', () => {
  test('a hosts.deny without its last newline refuses every client', () => {
    const tables = tablesOf('', '# nothing here');
    expect(decide(tables, new RequestFacts(request()))).toMatchObject({
      verdict: 'deny',
      reason: 'table-broken',
      rule: { path: 'hosts.deny', line: 1 },
    });
    expect(tableDiagnostics(tables)).toMatchObject([{ severity: 'error', code: 'no-final-newline', line: 1 }]);
  });

  test('a missing table is empty, an unreadable one is not', () => {
    const missing = compileTables({ allow: { path: 'a', content: null }, deny: { path: 'd', content: null } });
    expect(decide(missing, new RequestFacts(request()))).toMatchObject({ verdict: 'allow', reason: 'no-rule', rule: null });
    const unreadable = compileTables({
      allow: { path: 'a', content: null },
      deny: { path: 'd', content: null, unreadable: 'permission denied' },
    });
    expect(decide(unreadable, new RequestFacts(request()))).toMatchObject({ verdict: 'deny', reason: 'table-broken', rule: { line: 0 } });
  });
});
