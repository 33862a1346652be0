import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentLine } from './environment.mjs';
import { markdownTable } from './table.mjs';

const results = join(import.meta.dirname, '..', 'results');
const page = join(import.meta.dirname, '..', '..', 'docs', 'performance.md');

/** Writes `results/<date>-<case>.json`; returns its path. */
export function writeResult(definition, report) {
  mkdirSync(results, { recursive: true });
  const path = join(results, `${report.date.slice(0, 10)}-${definition.name}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
  return path;
}

/** Puts the table of a case between its markers in docs/performance.md: `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. */
export function writePage(definition, report) {
  const open = `<!-- bench:${definition.name} -->`;
  const close = `<!-- /bench:${definition.name} -->`;
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md: wanted ${open} and ${close}, found not both`);
  const how = `${report.date.slice(0, 10)}, ${report.rounds} rounds of ${report.seconds} s. ${environmentLine(report.environment)}.`;
  const table = `${markdownTable(definition, report.summary)}\n\n${how}`;
  writeFileSync(page, `${text.slice(0, from + open.length)}\n${table}\n${text.slice(to)}`);
}
