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

test('what was set is there for the next run, with the sections that nobody asked for', () => {
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

test('it is written without a word from anybody, once for many changes', async () => {
  const path = directory();
  const store = openStore(path, silent);
  const section = store.section('a', asNumber);
  for (let i = 1; i <= 100; i++) section.set(i);
  await expect.poll(() => readdirSync(path)).toContain('state.json');
  expect(JSON.parse(readFileSync(join(path, 'state.json'), 'utf8'))).toEqual({ superd: 1, sections: { a: 100 } });
  store.close();
});

test('a text set while an older one is on its way is what stays', async () => {
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
  ['half a document', '{"superd":1,"sections":{"a"'],
  ['something else', '[1, 2]'],
  ['nothing', ''],
  ['a document of a later superd', '{"superd":2,"sections":{}}'],
])('%s is kept aside and told of, and a new one begun', (_, text) => {
  const path = directory();
  writeFileSync(join(path, 'state.json'), text);
  const told: string[] = [];
  const store = openStore(path, (level, message) => told.push(`${level} ${message}`));
  expect(store.section('a', asNumber).value).toBe(0);
  store.close();
  expect(told).toEqual([expect.stringMatching(/^error .*state\.json: .*; it is kept as .*state\.json\.unread, and a new one begun$/)]);
  expect(readFileSync(join(path, 'state.json.unread'), 'utf8')).toBe(text);
});

test('a section that its owner cannot read counts as empty', () => {
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

test('a link in the place of the lock or of the document is not followed', () => {
  const path = directory();
  symlinkSync('/etc/hostname', join(path, 'lock'));
  expect(() => openStore(path, silent)).toThrow('ELOOP');
  rmSync(join(path, 'lock'));
  symlinkSync('/etc/hostname', join(path, 'state.json'));
  expect(() => openStore(path, silent)).toThrow('ELOOP');
});

test('trouble is told once, and its end', () => {
  const path = directory();
  const told: string[] = [];
  const store = openStore(path, (level, message) => told.push(`${level} ${message}`));
  const section = store.section('a', asNumber);
  mkdirSync(join(path, 'state.json.last'));
  section.set(1);
  store.flush();
  store.flush();
  expect(told).toEqual([expect.stringMatching(/^error .*state\.json cannot be written: EISDIR.*; tried again every 10 s$/)]);
  rmSync(join(path, 'state.json.last'), { recursive: true });
  store.close();
  expect(told[1]).toMatch(/^notice .* can be written again$/);
  expect(readFileSync(join(path, 'state.json'), 'utf8')).toContain('"a":1');
});
