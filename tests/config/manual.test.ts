import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attributes } from '../../src/config/attributes/table.js';
import { checkSchema } from '../../src/config/check-schema.js';
import { diagnosticCodes } from '../../src/config/diagnostic.js';
import { renderManual } from '../../src/config/manual.js';

const docs = new URL('../../docs/', import.meta.url).pathname;

test('superd.conf(5) matches the attributes', () => {
  expect(readFileSync(`${docs}superd.conf.5`, 'utf8')).toBe(renderManual());
});

test('the schema of the check matches the code', () => {
  expect(JSON.parse(readFileSync(`${docs}check.schema.json`, 'utf8'))).toEqual(JSON.parse(JSON.stringify(checkSchema())));
});

test('superd.conf(5) has an entry for every attribute', () => {
  const entries = [...renderManual().matchAll(/^\.It Ic (\S+) =/gm)].map((match) => match[1]);
  expect(entries.sort()).toEqual(attributes.map(([name]) => name).sort());
});

const mandoc = '/usr/bin/mandoc';
test.skipIf(!existsSync(mandoc) && process.env['SUPERD_REQUIRE_ALL'] !== '1')('mandoc has no warnings (skipped without mandoc)', () => {
  const { status, stdout, stderr } = spawnSync(mandoc, ['-Tlint', '-W', 'warning', `${docs}superd.conf.5`], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('');
  expect(status).toBe(0);
});

test('the page on messages has an entry for every code, and no other', () => {
  const listed = [...readFileSync(`${docs}configuration-messages.md`, 'utf8').matchAll(/^\| `([a-z-]+)` \|/gm)].map(
    (match) => match[1] as string,
  );
  expect(listed.sort()).toEqual([...diagnosticCodes].sort());
});
