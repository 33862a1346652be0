import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentLine } from './environment.mjs';
import { markdownTable } from './table.mjs';

const results = join(import.meta.dirname, '..', 'results');
const root = join(import.meta.dirname, '..', '..');

/** Writes `results/<date>-<case>.json`; returns its path. */
export function writeResult(definition, report) {
  mkdirSync(results, { recursive: true });
  const path = join(results, `${report.date.slice(0, 10)}-${definition.name}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
  return path;
}

/** Puts a table between its markers, `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`, in a page of the repository. */
export function putTable(page, name, table) {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const path = join(root, page);
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`${page}: wanted ${open} and ${close}, found not both`);
  writeFileSync(path, `${text.slice(0, from + open.length)}\n${table}\n${text.slice(to)}`);
}

/** Puts the table of a case into docs/performance.md. */
export function writePage(definition, report) {
  const how = `${report.date.slice(0, 10)}, ${report.rounds} rounds of ${report.seconds} s. ${environmentLine(report.environment)}.`;
  putTable('docs/performance.md', definition.name, `${markdownTable(definition, report.summary)}\n\n${how}`);
}
