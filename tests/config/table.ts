import type { Diagnostic } from '../../src/config/diagnostic.js';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import type { Loaded } from '../../src/config/load.js';
import { compare, type Difference } from './compare.js';
import { corpusFolder, loadAsOracle, readDatabases, readVerdicts, type Verdict } from './oracle.js';

const ORACLES = ['oracle.jsonl', 'oracle-trees.jsonl', 'oracle-inetd.jsonl'];

/**
 * Compares the verdicts of the real xinetd and of superd on each file of the corpus, as lines of text.
 *
 * @param only Selects files whose names contain this, with all their messages. Empty for all files, one line each.
 */
export async function* corpusTable(only: string): AsyncGenerator<string> {
  const folder = corpusFolder();
  if (folder === null) {
    yield 'no corpus here: set SUPERD_SHARED to the folder that holds corpus/';
    return;
  }
  const known = readDatabases();
  yield 'xinetd: accepted, complaints | superd: accepted, disabled, rejected; errors, warnings, notes | values that differ | file';
  const sums = { files: 0, theirs: 0, ours: 0, errors: 0, complaints: 0 };
  for (const verdict of ORACLES.flatMap((name) => readVerdicts(folder, name)).filter(({ file }) => file.includes(only))) {
    const loaded = await loadAsOracle(folder, verdict, known, false);
    const differences = compare(verdict.accepted, loaded);
    yield row(verdict, loaded, differences);
    if (only !== '') yield* details(verdict, loaded, differences);
    sums.files++;
    sums.theirs += verdict.accepted.length;
    sums.ours += loaded.plan.services.length;
    sums.complaints += verdict.errors.length > 0 ? 1 : 0;
    sums.errors += loaded.diagnostics.length > 0 ? 1 : 0;
  }
  yield `${sums.files} files; services accepted: xinetd ${sums.theirs}, superd ${sums.ours}; files with complaints: xinetd ${sums.complaints}, superd ${sums.errors}`;
}

function row(verdict: Verdict, { report, diagnostics }: Loaded, differences: readonly Difference[]): string {
  const status = (wanted: string) => report.services.filter((one) => one.status === wanted).length;
  const said = (wanted: Diagnostic['severity']) => diagnostics.filter(({ severity }) => severity === wanted).length;
  const theirs = verdict.daemon_started ? `${verdict.accepted.length} ${verdict.errors.length}` : 'daemon exits';
  const ours = `${status('accepted')} ${status('disabled')} ${status('rejected')}; ${said('error')} ${said('warning')} ${said('note')}`;
  const kinds = [...new Set(differences.map(({ what, because }) => `${what} (${because ?? '?'})`))].join(', ');
  return [theirs.padEnd(12), ours.padEnd(16), kinds.padEnd(28), verdict.file].join(' | ');
}

function* details(verdict: Verdict, { diagnostics }: Loaded, differences: readonly Difference[]): Generator<string> {
  for (const complaint of verdict.errors) yield `    xinetd: ${complaint.replace('[file=/oracle/in.conf] ', '')}`;
  for (const diagnostic of diagnostics)
    yield `    superd: ${formatDiagnostic({ ...diagnostic, path: diagnostic.path.replace(/^.*\//, '') })}`;
  for (const { service, what, xinetd, superd } of differences) yield `    ${service}: ${what}: xinetd ${xinetd}, superd ${superd}`;
}
