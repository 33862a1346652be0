import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatDiagnostic } from '../../src/config/diagnostic.js';
import { load } from '../../src/config/load.js';
import { disk } from '../../src/config/read.js';
import { ConfigError } from '../../src/errors.js';
import { caseLookUp } from './case-world.js';

let root = '';
const path = (name: string) => join(root, name);
const service = (name: string) =>
  `service ${name}\n{\n\tsocket_type = stream\n\twait = no\n\tuser = root\n\tserver = ${process.execPath}\n}\n`;
const loadMain = async (text: string) => {
  writeFileSync(path('main.conf'), text);
  const { plan, diagnostics } = await load({ path: path('main.conf'), inetdConf: null, lookUp: caseLookUp });
  return { plan, remarks: diagnostics.map((one) => formatDiagnostic(one).replaceAll(`${root}/`, '')) };
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'superd-config-'));
  mkdirSync(path('x.d/deeper'), { recursive: true });
  for (const name of ['ftp', 'Telnet', 'echo.bak', 'http~']) writeFileSync(path(`x.d/${name}`), service(name.toLowerCase()));
  symlinkSync(path('x.d/nowhere'), path('x.d/dangling'));
  execFileSync('mkfifo', [path('x.d/pipe')]);
  writeFileSync(path('plain'), '');
  chmodSync(path('plain'), 0o644);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('superd reads a directory in bytewise order, skips what xinetd skips, and does not block on a pipe in it', async () => {
  const { plan, remarks } = await loadMain(`includedir ${path('x.d')}\n`);
  expect(plan.services.map(({ name }) => name)).toEqual(['telnet', 'ftp']);
  expect(plan.files.map((file) => file.slice(root.length + 1))).toEqual(['main.conf', 'x.d/Telnet', 'x.d/ftp']);
  expect(remarks).toEqual([
    'main.conf:1: note: files with a dot in the name or a ~ at its end are skipped in x.d: echo.bak, http~',
    'main.conf:1: error: cannot read x.d/dangling: no such file',
    'main.conf:1: error: x.d/deeper is a directory; superd skips it, with everything in it',
    'main.conf:1: error: x.d/pipe is not a regular file; superd skips it',
  ]);
});

test('relative paths start at the directory of their file', async () => {
  const { plan, remarks } = await loadMain('include x.d/ftp\n');
  expect(plan.services.map(({ name }) => name)).toEqual(['ftp']);
  expect(remarks).toEqual([
    'main.conf:1: note: x.d/ftp is read as x.d/ftp; xinetd resolves it against its working directory, and against / after a reload',
  ]);
});

test('a NUL byte affects only its own service', async () => {
  const { plan, remarks } = await loadMain(`${service('telnet')}${service('ftp').replace('}', '\tserver_args = a\0b\n}')}`);
  expect(plan.services.map(({ name }) => name)).toEqual(['telnet']);
  expect(remarks).toEqual(['main.conf:14: error: the value of server_args has a NUL byte in it, which no program can receive']);
});

test('a NUL byte in inetd.conf affects only its own line', async () => {
  writeFileSync(path('main.conf'), '');
  writeFileSync(
    path('nul-inetd.conf'),
    `7001 stream tcp nowait root ${process.execPath} a\0b\n7002 stream tcp nowait root ${process.execPath} a\n`,
  );
  const { plan, diagnostics } = await load({ path: path('main.conf'), inetdConf: path('nul-inetd.conf'), lookUp: caseLookUp });
  expect(plan.services.map(({ name }) => name)).toEqual(['7002']);
  expect(diagnostics.map(({ line, message }) => [line, message])).toContainEqual([1, 'the line has a NUL byte in it']);
});

test('a FIFO as inetd.conf is an error, and superd does not wait for its writer', async () => {
  writeFileSync(path('main.conf'), '');
  const { diagnostics } = await load({ path: path('main.conf'), inetdConf: path('x.d/pipe'), lookUp: caseLookUp });
  expect(diagnostics.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    `error: cannot read ${path('x.d/pipe')}: it is not a regular file`,
  ]);
});

test.each(['missing.conf', 'x.d', 'x.d/pipe'])('only an unreadable main file throws: %s', async (name) => {
  const failure = await load({ path: path(name), inetdConf: null, lookUp: caseLookUp }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigError);
  expect(failure).toMatchObject({ code: 'config-unreadable', exitCode: 100 });
});

test('a missing inetd.conf is not an error', async () => {
  writeFileSync(path('main.conf'), service('telnet'));
  const { diagnostics } = await load({ path: path('main.conf'), inetdConf: path('inetd.conf'), lookUp: caseLookUp });
  expect(diagnostics).toEqual([]);
});

test('which files can be a server', () => {
  expect(disk.executable(process.execPath)).toBe('yes');
  expect(disk.executable(path('x.d'))).toBe('directory');
  expect(disk.executable(path('plain'))).toBe('no');
  expect(disk.executable(path('nothing'))).toBe('missing');
  expect(disk.executable(`${process.execPath}/below`)).toBe('missing');
});
