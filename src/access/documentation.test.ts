import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as access from './index.js';

const page = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map((match) => match[1] as string);

describe('docs/access.md: rules', () => {
  for (const block of blocks('access')) {
    const [, allow = '', deny = '', requests = ''] = /^== hosts\.allow\n(.*?)== hosts\.deny\n(.*?)(^\? .*)$/ms.exec(block) ?? [];
    const tables = access.compileTables({ allow: { path: 'hosts.allow', content: allow }, deny: { path: 'hosts.deny', content: deny } });
    test.each(requests.trimEnd().split('\n'))('%s', (request) => {
      const [, daemon = '', user = '', address = '', name = '', wanted = ''] =
        /^\? (\S+) (?:(\S+)@)?(\S+)(?: \((.*)\))? -> (.*)$/.exec(request) ?? [];
      const facts = new access.RequestFacts({ daemon, user, client: { address, name }, server: { address: '' } });
      const answer = access.decide(tables, facts);
      if (answer.kind === 'needs') throw new Error(`needs ${answer.need.fact}`);
      const verdict = answer.twist === null ? answer.verdict : 'twist';
      const effects = answer.effects.map(({ kind }) => ` ${kind}`).join('');
      expect(`${verdict} ${answer.rule?.path}:${answer.rule?.line}${effects}`).toBe(wanted);
    });
  }
});

describe('docs/access.md: the library', () => {
  test.each(blocks('js'))('example %#', async (code) => {
    const printed: string[] = [];
    const body = code.replace(/^import (\{.*\}) from 'superd\/access';$/m, 'const $1 = access;');
    const AsyncFunction = (async () => {}).constructor as new (
      ...source: string[]
    ) => (library: typeof access, console: object) => Promise<void>;
    await new AsyncFunction('access', 'console', body)(access, { log: (...words: unknown[]) => printed.push(words.join(' ')) });
    expect(printed).toEqual([...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]));
    expect(printed.length).toBeGreaterThan(0);
  });

  test('the table has every code of a diagnostic', () => {
    const sources = ['parse', 'lint/lint', 'lint/lint-clients', 'lint/lint-daemons', 'lint/lint-host', 'lint/lint-options', 'lint/words'];
    const codes = sources.flatMap((name) =>
      [
        ...readFileSync(new URL(`./${name}.ts`, import.meta.url), 'utf8').matchAll(
          /(?:report|rule\))\(\s*'(?:error|warning|note)',\s*'([a-z0-9-]+)'/g,
        ),
      ].map((match) => match[1] as string),
    );
    expect(new Set(codes).size).toBeGreaterThan(15);
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});
