import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileTables, type Decision, decide, lintTables, RequestFacts } from '../../src/access/index.js';
import { describeWith } from '../support/requirements.js';

/*
 * Real files, and the recorded output of tcpdchk and tcpdmatch for them. Answers of the DNS are not compared: the recording had no name
 * server.
 */
const shared = process.env['SUPERD_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const corpus = join(shared, 'corpus');
const index = join(corpus, 'oracle-hosts.jsonl');

interface Recorded {
  readonly file: string;
  readonly kind: 'allow' | 'deny';
  readonly tcpdchk: readonly string[];
  readonly match: readonly (readonly [daemon: string, client: string, access: 'granted' | 'denied'])[];
}

const recorded = existsSync(index)
  ? readFileSync(index, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Recorded)
  : [];

function compile({ file, kind }: Recorded) {
  const content = readFileSync(join(corpus, file));
  const source = (table: 'allow' | 'deny') => ({ path: `hosts.${table}`, content: table === kind ? content : null });
  return compileTables({ allow: source('allow'), deny: source('deny') });
}

/** Findings about the network or the machine, and lines that only list a rule. */
const elsewhere =
  /^option: |host not found$|->name lookup failed$|No such file or directory$|unknown or empty netgroup$|\d+\.\d+\.[\d*]+\.[\d*]+$/;

/** For a file that ends early, tcpdchk counts the newlines before it; superd names the line itself. */
const withRealLine = (text: string) => text.replace(/line (\d+)(?=: missing newline)/, (_, line: string) => `line ${Number(line) + 1}`);

describeWith(
  { files: { there: recorded.length > 0, called: 'the collection of real files (SUPERD_SHARED)' } },
  'real hosts.allow and hosts.deny files',
  () => {
    test('have the same decisions as in tcpdmatch', () => {
      const wrong: unknown[] = [];
      for (const one of recorded) {
        const tables = compile(one);
        for (const [daemon, address, access] of one.match) {
          const facts = new RequestFacts({ daemon, user: '', client: { address, name: '' }, server: { address: '', name: '' } });
          let decision = decide(tables, facts);
          while (decision.kind === 'needs') {
            facts.learn(decision.need, decision.need.fact === 'command' ? 0 : decision.need.fact === 'account');
            decision = decide(tables, facts);
          }
          const ours = (decision as Decision).verdict === 'allow' ? 'granted' : 'denied';
          if (ours !== access) wrong.push({ file: one.file, daemon, address, access, decision });
        }
      }
      expect(wrong).toEqual([]);
    });

    test('get every warning of tcpdchk', () => {
      const missing: unknown[] = [];
      for (const one of recorded) {
        const ours = lintTables(compile(one)).map(({ path, line, message }) => `${path}, line ${line}: ${message}`);
        for (const finding of one.tcpdchk.filter((text) => !elsewhere.test(text))) {
          const wanted = withRealLine(finding.replace(/^(?:warning|error): /, ''));
          if (!ours.some((text) => text.startsWith(wanted))) missing.push({ file: one.file, finding, ours });
        }
      }
      expect(missing).toEqual([]);
    });
  },
);
