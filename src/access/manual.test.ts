import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expansionLetters } from './expand.js';
import { type OptionSpec, optionTable } from './options.js';

const protect = (text: string) => text.replaceAll('\\', '\\e').replace(/^([.'])/gm, '\\&$1');

function describeOption({ name, value, valueName, last, doc }: OptionSpec): string {
  const argument =
    valueName === '' ? '' : value === 'optional' ? ` Op Ar ${valueName}` : ` Ar ${valueName.replace(/^\[(.*)\](.*)$/, '$1$2')}`;
  // mdoc(7) wants each sentence on a new line.
  const sentences = protect(doc).replace(/\. (?=[A-Z])/g, '.\n');
  return `.It Ic ${name}${argument}\n${sentences}${last ? '\nMust be the last option.' : ''}`;
}

const sorted = [...optionTable].sort((a, b) => (a.name < b.name ? -1 : 1));
const options = `.Bl -tag -width Ds\n${sorted.map(describeOption).join('\n')}\n.El\n`;
const letters = Object.entries(expansionLetters).map(([letter, meaning]) => `.It \\&%${letter}\n${meaning}`);
const expansions = `.Bl -tag -width Ds -compact\n${letters.join('\n')}\n.El\n`;

test.each([
  ['hosts_options.5', options],
  ['hosts_access.5', expansions],
])('docs/%s matches the code', (name, made) => {
  const page = new URL(`../../docs/${name}`, import.meta.url);
  const text = readFileSync(page, 'utf8');
  const wanted = text.replace(/(^\.\\" Made from [^\n]*\n).*?(^\.\\" end$)/ms, (_, head: string, end: string) => `${head}${made}${end}`);
  if (process.env['UPDATE_MANUAL'] === '1') writeFileSync(page, wanted);
  expect(text === wanted || process.env['UPDATE_MANUAL'] === '1').toBe(true);
});
