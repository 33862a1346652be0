import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type InitHeader, readInitHeader } from './header.js';
import { orderInitScripts } from './order.js';

const header = (script: string, more: Partial<InitHeader> = {}): InitHeader => ({ ...readInitHeader(script, ''), ...more });

test('reads the block of the Linux Standard Base and the lines of chkconfig', () => {
  const text = `#!/bin/sh
# chkconfig: 2345 87 14
# description: Web server \\
# pidfile: /run/web.pid
### BEGIN INIT INFO
# Provides:          web http
# Required-Start:    $remote_fs $syslog
# Should-Start:	db,cache
# X-Start-Before:    monitor
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: The web
### END INIT INFO
# Required-Start: nothing-of-the-kind
`;
  expect(readInitHeader('web', text)).toEqual({
    script: 'web',
    provides: ['web', 'http'],
    requiredStart: ['$remote_fs', '$syslog'],
    shouldStart: ['db', 'cache'],
    startBefore: ['monitor'],
    requiredStop: [],
    shouldStop: [],
    defaultStart: ['2', '3', '4', '5'],
    description: 'The web',
    priority: { start: 87, stop: 14 },
    pidfiles: ['/run/web.pid'],
  });
});

test('a script without a header provides its own name', () => {
  expect(readInitHeader('plain', '#!/bin/sh\necho\n')).toMatchObject({ provides: ['plain'], defaultStart: null, priority: null });
  expect(readInitHeader('old', '# chkconfig: - 85 15\n')).toMatchObject({ defaultStart: [], priority: { start: 85, stop: 15 } });
});

test('scripts are started after what they require, through facilities too, and else by priority and name', () => {
  const { order, problems } = orderInitScripts([
    header('web', { requiredStart: ['$remote_fs', '$syslog'], shouldStart: ['db', 'nobody'] }),
    header('db', { requiredStart: ['$network'] }),
    header('networking', { provides: ['networking'] }),
    header('mountnfs', { requiredStart: ['$network', '$local_fs'] }),
    header('rsyslog', { provides: ['rsyslog', '$syslog'], startBefore: ['db'] }),
    header('early', { priority: { start: 1, stop: 99 } }),
    header('last', { requiredStart: ['$all'], priority: { start: 0, stop: 99 } }),
  ]);
  expect(problems).toEqual([]);
  expect(order).toEqual(
    ['networking', 'mountnfs', 'rsyslog', 'db', 'early', 'web', 'last'].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
  );
  const at = (name: string) => order.indexOf(name);
  expect(at('networking')).toBeLessThan(at('db'));
  expect(at('mountnfs')).toBeLessThan(at('web'));
  expect(at('rsyslog')).toBeLessThan(at('db'));
  expect(at('db')).toBeLessThan(at('web'));
  expect(order.at(-1)).toBe('last');
});

test('missing names, duplicate names and cycles are reported, and the weakest link of a cycle is ignored', () => {
  const { order, problems } = orderInitScripts([
    header('a', { requiredStart: ['b', 'nobody'] }),
    header('b', { requiredStart: ['c'] }),
    header('c', { shouldStart: ['a'] }),
    header('d', { requiredStart: ['e'] }),
    header('e', { requiredStart: ['d'] }),
    header('twin', { provides: ['a'] }),
  ]);
  expect(problems).toContainEqual({ kind: 'missing', script: 'a', name: 'nobody' });
  expect(problems).toContainEqual({ kind: 'twice', script: 'twin', other: 'a', name: 'a' });
  expect(problems).toContainEqual({ kind: 'cycle', path: ['a', 'b', 'c', 'a'], required: false });
  expect(problems).toContainEqual({ kind: 'cycle', path: ['d', 'e', 'd'], required: true });
  expect(order.slice(0, 3)).toEqual(['c', 'b', 'a']);
  expect([...order].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'twin']);
});

test('every script starts once, after all scripts before it, whatever the headers say', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', '$network', '$all', '$remote_fs', '$own');
  const names = fc.array(name, { maxLength: 4 });
  const script = fc.record({ provides: names, requiredStart: names, shouldStart: names, startBefore: names });
  fc.assert(
    fc.property(fc.array(script, { maxLength: 8 }), (list) => {
      const { order, before } = orderInitScripts(list.map((one, i) => header(`script${i}`, one)));
      expect([...order].sort()).toEqual(list.map((_, i) => `script${i}`).sort());
      for (const one of order) for (const { id } of before.get(one) ?? []) expect(order.indexOf(id)).toBeLessThan(order.indexOf(one));
    }),
  );
});
