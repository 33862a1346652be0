import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStore } from './store.js';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'superd-state-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const asNumber = (value: unknown) => (typeof value === 'number' ? value : 0);
const silent = () => {};

test('a value survives into the next run, and so do sections that no module asked for', () => {
  const path = directory();
  const first = openStore(path, silent);
  first.section('a', asNumber).set(1);
  first.section('b', asNumber).set(2);
  first.close();
  const second = openStore(path, silent);
  const a = second.section('a', asNumber);
  expect(a.value).toBe(1);
  a.set(3);
  second.close();
  const third = openStore(path, silent);
  expect([third.section('a', asNumber).value, third.section('b', asNumber).value]).toEqual([3, 2]);
  third.close();
});

test('changes are written without a flush, and many at once', async () => {
  const path = directory();
  const store = openStore(path, silent);
  const section = store.section('a', asNumber);
  for (let i = 1; i <= 100; i++) section.set(i);
  await expect.poll(() => readdirSync(path)).toContain('state.json');
  expect(JSON.parse(readFileSync(join(path, 'state.json'), 'utf8'))).toEqual({ superd: 1, sections: { a: 100 } });
  store.close();
});

test('a text set while an older one is being written replaces it', async () => {
  const path = directory();
  const store = openStore(path, silent);
  const section = store.section('a', asNumber);
  for (let i = 1; i <= 50; i++) {
    section.set(i);
    await new Promise(setImmediate);
  }
  section.set(51);
  store.close();
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  expect(JSON.parse(readFileSync(join(path, 'state.json'), 'utf8')).sections.a).toBe(51);
});

test.each([
  ['a truncated document', '{"superd":1,"sections":{"a"'],
  ['other JSON', '[1, 2]'],
  ['an empty file', ''],
  ['a document of a later superd', '{"superd":2,"sections":{}}'],
])('%s is renamed and reported, and a new state begins', (_, text) => {
  const path = directory();
  writeFileSync(join(path, 'state.json'), text);
  const reported: string[] = [];
  const store = openStore(path, (level, message) => reported.push(`${level} ${message}`));
  expect(store.section('a', asNumber).value).toBe(0);
  store.close();
  expect(reported).toEqual([
    expect.stringMatching(/^error .*state\.json: .*; it is kept as .*state\.json\.unread, and a new state begins$/),
  ]);
  expect(readFileSync(join(path, 'state.json.unread'), 'utf8')).toBe(text);
});

test('a section that its reader rejects counts as empty', () => {
  const path = directory();
  writeFileSync(join(path, 'state.json'), '{"superd":1,"sections":{"a":7}}');
  const store = openStore(path, silent);
  const section = store.section('a', (value) => {
    if (value !== undefined) throw new Error('no');
    return 'empty';
  });
  expect(section.value).toBe('empty');
  store.close();
});

test('a symbolic link in place of the lock or the document is not followed', () => {
  const path = directory();
  symlinkSync('/etc/hostname', join(path, 'lock'));
  expect(() => openStore(path, silent)).toThrow('ELOOP');
  rmSync(join(path, 'lock'));
  symlinkSync('/etc/hostname', join(path, 'state.json'));
  expect(() => openStore(path, silent)).toThrow('ELOOP');
});

test('a failing write is reported once, and so is its end', () => {
  const path = directory();
  const reported: string[] = [];
  const store = openStore(path, (level, message) => reported.push(`${level} ${message}`));
  const section = store.section('a', asNumber);
  mkdirSync(join(path, 'state.json.last'));
  section.set(1);
  store.flush();
  store.flush();
  expect(reported).toEqual([expect.stringMatching(/^error .*state\.json cannot be written: EISDIR.*; tried again every 10 s$/)]);
  rmSync(join(path, 'state.json.last'), { recursive: true });
  store.close();
  expect(reported[1]).toMatch(/^notice .* can be written again$/);
  expect(readFileSync(join(path, 'state.json'), 'utf8')).toContain('"a":1');
});
