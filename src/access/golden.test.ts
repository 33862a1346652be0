import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileTables, decide, type FactAnswer, type Need, RequestFacts } from './index.js';

interface Row {
  readonly allow: string;
  readonly deny: string;
  readonly verdict: 'allow' | 'deny';
  readonly request: Record<'daemon' | 'address' | 'hostname' | 'user' | 'server_address' | 'server_hostname', string>;
}

const readLines = <T>(name: string): T[] =>
  readFileSync(new URL(`../../tests/cases/access/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

/** The machine the verdicts were recorded on. */
const accounts = new Set(['root', 'daemon', 'nobody', 'group root', 'group daemon']);

function answer(need: Need, commands: readonly (readonly [string, number])[]): FactAnswer {
  switch (need.fact) {
    case 'account':
      return accounts.has(need.database === 'group' ? `group ${need.name}` : need.name);
    case 'netgroup':
      return false;
    case 'file':
      return need.path === '/dev/null' ? '' : null;
    case 'command':
      return commands.find(([command]) => command === need.command)?.[1] ?? expect.fail(`no status is known for ${need.command}`);
    default:
      return expect.fail(`a complete request needs no ${need.fact}`);
  }
}

test('2,000 verdicts of the real library', () => {
  const rows = readLines<Row>('verdicts.jsonl');
  const tags = readLines<{ commands: [string, number][] }>('verdicts.tags.jsonl');
  const wrong: unknown[] = [];
  for (const [i, { allow, deny, request, verdict }] of rows.entries()) {
    const tables = compileTables({ allow: { path: 'hosts.allow', content: allow }, deny: { path: 'hosts.deny', content: deny } });
    const facts = new RequestFacts({
      daemon: request.daemon,
      user: request.user,
      client: { address: request.address, name: request.hostname },
      server: { address: request.server_address, name: request.server_hostname },
    });
    let decision = decide(tables, facts);
    while (decision.kind === 'needs') {
      facts.learn(decision.need, answer(decision.need, tags[i]?.commands ?? []));
      decision = decide(tables, facts);
    }
    if (decision.verdict !== verdict) wrong.push({ line: i + 1, allow, deny, request, verdict, decision });
  }
  expect(wrong).toEqual([]);
});
