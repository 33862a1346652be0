import { expect, test } from 'vitest';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { describeWith } from '../support/requirements.js';
import { compare, type Difference } from './compare.js';
import { corpusFolder, loadAsOracle, readDatabases, readVerdicts } from './oracle.js';

const folder = corpusFolder();

/** Why superd may read a line differently: docs/differences-from-xinetd.md explains each, and a message at the line names it. */
const INTENDED = new Set(['read-comment', 'read-quotes', 'read-localhost', 'read-inetd', 'duplicate-endpoint']);
const intended = ({ because }: Difference) => because?.split(' ').every((code) => INTENDED.has(code)) === true;

describeWith(
  { files: { there: folder !== null, called: 'the collection of real files (SUPERD_SHARED)' } },
  'real files, beside what the real xinetd made of them',
  () => {
    const known = readDatabases();
    const verdicts = folder === null ? [] : [...readVerdicts(folder, 'oracle.jsonl'), ...readVerdicts(folder, 'oracle-trees.jsonl')];

    test.each([
      ['as they are', false],
      ['with every service turned on', true],
    ] as const)('what xinetd accepted, superd accepts with equal values: %s', async (_name, turnedOn) => {
      const unexplained: string[] = [];
      let services = 0;
      for (const verdict of verdicts) {
        const theirs = turnedOn ? verdict.enabled : verdict;
        if (theirs === undefined) continue;
        const loaded = await loadAsOracle(folder as string, verdict, known, turnedOn);
        services += theirs.accepted.length;
        for (const difference of compare(theirs.accepted, loaded))
          if (!intended(difference)) unexplained.push(`${verdict.file}: ${JSON.stringify(difference)}`);
      }
      expect(unexplained).toEqual([]);
      expect(services).toBeGreaterThan(200);
    });

    test('where xinetd complained, superd reports something at the same line, or accepts it', async () => {
      const silent: string[] = [];
      for (const verdict of verdicts) {
        const loaded = await loadAsOracle(folder as string, verdict, known, false);
        for (const complaint of verdict.errors) {
          const place = /\[file=\/oracle\/in\.conf\] \[line=(\d+)\]$/.exec(complaint);
          if (place === null || toldNear(loaded.diagnostics, Number(place[1]))) continue;
          silent.push(`${verdict.file}: ${complaint}`);
        }
        for (const { service, status } of verdict.services ?? []) {
          const ours = loaded.report.services.find(({ name }) => name === service);
          const told = loaded.diagnostics.some(({ severity }) => severity === 'error');
          if (status === 'rejected' && ours?.status === 'rejected' && !told)
            silent.push(`${verdict.file}: ${service} rejected without a word`);
        }
      }
      expect(silent).toEqual([]);
    });

    test('inetd.conf: superd accepts what xinetd accepted, with equal values, and more', async () => {
      const unexplained: string[] = [];
      let theirs = 0;
      let ours = 0;
      for (const verdict of folder === null ? [] : readVerdicts(folder, 'oracle-inetd.jsonl')) {
        const loaded = await loadAsOracle(folder as string, verdict, known, false);
        // xinetd's own services get ids of the wrong socket type there; a number for a name was provisioned with another port.
        const accepted = verdict.accepted.filter(({ attributes, service }) => attributes['type'] !== 'INTERNAL' && !/^\d+$/.test(service));
        for (const difference of compare(accepted, loaded)) {
          // Neither superd nor xinetd can start a program without a path.
          const relative = difference.because === 'bad-value' || (difference.what === 'server' && !difference.xinetd.startsWith('/'));
          if (!intended(difference) && !relative) unexplained.push(`${verdict.file}: ${JSON.stringify(difference)}`);
        }
        theirs += accepted.length;
        ours += loaded.plan.services.length;
      }
      expect(unexplained).toEqual([]);
      expect(ours).toBeGreaterThan(theirs);
    });

    test('every message has a place and is one line', async () => {
      for (const verdict of verdicts) {
        for (const diagnostic of (await loadAsOracle(folder as string, verdict, known, true)).diagnostics) {
          expect(formatDiagnostic(diagnostic)).toMatch(/^[^\n]+:\d+: (?:error|warning|note): [^\n]+$/);
        }
      }
    });
  },
);

/** superd reports a missing brace at the beginning of the block, so a few lines off count as near. */
function toldNear(diagnostics: readonly { readonly line: number; readonly code: string }[], line: number): boolean {
  return diagnostics.some((one) => one.line === line || (/brace|header|outside|keyword/.test(one.code) && one.line <= line));
}
