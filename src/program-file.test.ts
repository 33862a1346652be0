import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { executionProblem, HEAD_BYTES, type Machine, noexecMount, thisMachine } from './program-file.js';

const machine: Machine = {
  arch: 'x64',
  kindOf: (path) => (path === '/bin/sh' ? 'program' : path === '/etc/passwd' ? 'not-executable' : 'missing'),
};

/** The head of an ELF program, elf(5), with a loader. */
function elf({ cpu, loader, wide = true, little = true }: { cpu: number; loader: string; wide?: boolean; little?: boolean }): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write('\x7fELF', 'latin1');
  bytes[4] = wide ? 2 : 1;
  bytes[5] = little ? 1 : 2;
  const half = (at: number, value: number) => (little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at));
  const word = (at: number, value: number) => {
    const last = wide && !little ? at + 4 : at;
    return little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, last);
  };
  half(18, cpu);
  word(wide ? 32 : 28, 64);
  half(wide ? 54 : 42, wide ? 56 : 32);
  half(wide ? 56 : 44, 1);
  if (little) bytes.writeUInt32LE(3, 64);
  else bytes.writeUInt32BE(3, 64);
  word(wide ? 72 : 68, 256);
  word(wide ? 96 : 80, loader.length + 1);
  bytes.write(loader, 256);
  return bytes;
}

test.each([
  ['', /is empty/],
  ['echo hello\n', /has no #! line; write #!\/bin\/sh/],
  ['#!\n', /names no interpreter/],
  ['#!/bin/sh\r\necho hello\r\n', /first line ends in CR .*"\/bin\/sh\\r"; remove the CRs/],
  ['#!/bin/sh -e\r\n', null],
  ['#! /bin/sh -e\n', null],
  ['#!/bin/sh', null],
  ['#!/usr/bin/pyhton\n', /its interpreter "\/usr\/bin\/pyhton" does not exist/],
  ['#!/etc/passwd\n', /is not executable/],
  ['#!sh\n', /"sh", which is not an absolute path/],
  ['\ufeff#!/bin/sh\n', /byte-order mark/],
  ['MZ\0\0', /neither a script nor a program in ELF/],
  ['\x7fELF', /cut off/],
])('the beginning %j', (text, wanted) => {
  const found = executionProblem(Buffer.from(text), machine);
  if (wanted === null) expect(found).toBeNull();
  else expect(found).toMatch(wanted);
});

test.each([
  [{ cpu: 183, loader: '/bin/sh' }, /for aarch64, and this machine is x86-64/],
  [{ cpu: 8, loader: '/bin/sh', wide: false, little: false }, /for MIPS/],
  [{ cpu: 999, loader: '/bin/sh' }, /the processor 999 of elf\(5\)/],
  [{ cpu: 62, loader: '/lib/ld-musl-x86_64.so.1' }, /its loader "\/lib\/ld-musl-x86_64\.so\.1" does not exist/],
  [{ cpu: 3, loader: '/lib/ld-linux.so.2', wide: false }, /its loader "\/lib\/ld-linux\.so\.2" does not exist/],
  [{ cpu: 62, loader: '/bin/sh' }, null],
])('the program %j', (program, wanted) => {
  const found = executionProblem(elf(program), machine);
  if (wanted === null) expect(found).toBeNull();
  else expect(found).toMatch(wanted);
});

test('the loader of a program for a big-endian machine is found', () => {
  const found = executionProblem(elf({ cpu: 22, loader: '/lib/ld64.so.1', little: false }), { ...machine, arch: 's390x' });
  expect(found).toMatch(/its loader "\/lib\/ld64\.so\.1" does not exist/);
});

test('programs of this machine show no problem', () => {
  for (const path of [process.execPath, '/bin/sh'])
    expect(executionProblem(readFileSync(path).subarray(0, HEAD_BYTES), thisMachine)).toBeNull();
});

test('whatever the bytes, there is an answer', () => {
  const whole = elf({ cpu: 62, loader: '/bin/sh' });
  for (let i = 0; i < 256; i++) {
    for (const value of [0, 0x7f, 0xff]) {
      const changed = Buffer.from(whole);
      changed[i] = value;
      expect(() => executionProblem(changed, machine)).not.toThrow();
      expect(() => executionProblem(changed.subarray(0, i), machine)).not.toThrow();
    }
  }
});

test('the mount point of a path is the longest, and the last of several', () => {
  const mounts = [
    '22 1 8:1 / / rw,relatime - ext4 /dev/a rw',
    '23 22 0:5 / /srv/my\\040data rw,noexec,nosuid - tmpfs t rw',
    '24 22 0:6 / /opt rw,noexec - tmpfs t rw',
    '25 24 0:7 / /opt rw - tmpfs t rw',
  ].join('\n');
  expect(noexecMount('/srv/my data/server', mounts)).toBe('/srv/my data');
  expect(noexecMount('/srv/my database', mounts)).toBeNull();
  expect(noexecMount('/opt/server', mounts)).toBeNull();
  expect(noexecMount('/opt/server', '')).toBeNull();
});
