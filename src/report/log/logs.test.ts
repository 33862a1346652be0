import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { allLines, read, turn } from '../../../tests/support/open-sink.js';
import { temporaryDirectory } from '../../../tests/support/temporary.js';
import { waitFor } from '../../../tests/support/wait-for.js';
import type { LogPlan, LogSink, ServicePlan } from '../../config/plan.js';
import type { Event, SessionRefused } from '../event.js';
import { Logs, type LogsOptions } from './logs.js';

const at = new Date(2026, 10, 22, 6, 49, 51).getTime();
const stamp = '26/11/22@06:49:51: ';

interface Fixture {
  readonly logs: Logs;
  readonly events: Event[];
  readonly sent: string[];
}

/** Logs whose program log is a file, and whose own events come back to them, as in superd. */
function openLogs(program: LogsOptions['program']): Fixture {
  const events: Event[] = [];
  const sent: string[] = [];
  const logs: Logs = new Logs({
    program,
    send: (_path, data) => {
      sent.push(Buffer.from(data).toString());
      return 0;
    },
    syslogPath: '/dev/log',
    name: 'superd',
    report: (event) => {
      events.push(event);
      logs.sink(event);
    },
  });
  onTestFinished(() => logs.close());
  logs.configure([]);
  return { logs, events, sent };
}

function file(path: string, format: 'xinetd' | 'json' = 'xinetd', hard = Number.POSITIVE_INFINITY, keep = 1): LogSink {
  return { kind: 'file', path, soft: hard, hard, keep, format };
}

function service(id: string, sink: LogSink | null): ServicePlan {
  const log: LogPlan = { sink, onSuccess: new Set(['PID', 'HOST']), onFailure: new Set(['HOST']) };
  return { id, name: id, log, gate: { wrappers: `in.${id}` } } as unknown as ServicePlan;
}

function refused(id: string, reason: SessionRefused['reason'] = 'address'): SessionRefused {
  return { type: 'session-refused', at, service: { id, name: id }, peer: { address: '192.0.2.7', port: 1 }, reason };
}

describe('services', () => {
  it('write to their own logs, in their formats, and share a file with the same path', () => {
    const directory = temporaryDirectory();
    const { logs, sent } = openLogs({ kind: 'file', path: join(directory, 'program') });
    const shared = join(directory, 'shared');
    logs.configure([
      service('one', file(shared)),
      service('two', file(join(directory, '.', 'shared'))),
      service('three', file(join(directory, 'json'), 'json')),
      service('four', { kind: 'syslog', facility: 'local3', level: 'notice', format: 'xinetd' }),
      service('five', null),
    ]);
    for (const id of ['one', 'two', 'three', 'four', 'five', 'unknown']) logs.sink(refused(id));
    logs.flushSync();
    expect(read(shared)).toBe(`${stamp}FAIL: one address from=192.0.2.7\n${stamp}FAIL: two address from=192.0.2.7\n`);
    expect(JSON.parse(read(join(directory, 'json')))).toMatchObject({ id: 'three', reason: 'address', address: '192.0.2.7' });
    expect(sent).toEqual([`<157>Nov 22 06:49:51 superd[${process.pid}]: FAIL: four address from=192.0.2.7`]);
    expect(read(join(directory, 'program'))).toBe('');
  });

  it('keep their file over a reload; a file no longer in use gets its last lines', () => {
    const directory = temporaryDirectory();
    const { logs } = openLogs({ kind: 'file', path: join(directory, 'program') });
    const [stays, goes] = [join(directory, 'stays'), join(directory, 'goes')];
    logs.configure([service('one', file(stays)), service('two', file(goes))]);
    const before = statSync(stays).ino;
    for (const id of ['one', 'two']) logs.sink(refused(id));
    logs.configure([service('one', file(stays))]);
    expect(read(goes)).toContain('FAIL: two');
    for (const id of ['one', 'two']) logs.sink(refused(id));
    logs.close();
    expect(statSync(stays).ino).toBe(before);
    expect(read(stays).split('\n')).toHaveLength(3);
    expect(read(goes).split('\n')).toHaveLength(2);
  });

  it('with one file and different limits get those of the first, with a warning', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'shared');
    const { logs } = openLogs({ kind: 'file', path: join(directory, 'program') });
    logs.configure([service('one', file(path, 'xinetd', 100, 0)), service('two', file(path, 'xinetd', 1000, 1))]);
    logs.flushSync();
    expect(read(join(directory, 'program'))).toMatch(`WARNING: services one and two give ${path} different limits; those of one hold\n`);
  });

  it('get new limits without a new file', async () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'log');
    const { logs } = openLogs({ kind: 'file', path: join(directory, 'program') });
    logs.configure([service('one', file(path))]);
    writeFileSync(path, 'x'.repeat(1000));
    logs.reopen();
    logs.configure([service('one', file(path, 'xinetd', 500, 1))]);
    logs.sink(refused('one'));
    logs.flushSync();
    await waitFor('the generation', () => existsSync(`${path}.1.gz`));
    expect(read(path)).toBe(`${stamp}FAIL: one address from=192.0.2.7\n`);
  });

  it.each(['xinetd', 'json'] as const)('get every line of a flood of refusals, in %s lines', async (format) => {
    const directory = temporaryDirectory();
    const path = join(directory, 'log');
    const { logs } = openLogs({ kind: 'file', path: join(directory, 'program') });
    logs.configure([service('one', file(path, format))]);
    for (let n = 1; n <= 20_000; n++) {
      logs.sink(refused('one'));
      // As many as one turn of the event loop brings.
      if (n % 256 === 0) await turn();
    }
    logs.flushSync();
    expect(allLines(path)).toHaveLength(20_000);
  });

  it('whose log cannot be opened are reported in the program log once', () => {
    const directory = temporaryDirectory();
    const { logs } = openLogs({ kind: 'file', path: join(directory, 'program') });
    logs.configure([service('one', file(join(directory, 'missing', 'log')))]);
    for (let n = 0; n < 10; n++) logs.sink(refused('one'));
    logs.flushSync();
    expect(read(join(directory, 'program')).match(/ERROR: .*\n/g)).toEqual([
      `ERROR: log ${directory}/missing/log: open ${directory}/missing: no such file or directory (ENOENT)\n`,
    ]);
  });
});

describe('the program log', () => {
  it('in a file has time, name, pid and level', () => {
    const path = join(temporaryDirectory(), 'program');
    const { logs } = openLogs({ kind: 'file', path });
    logs.sink({ type: 'notice', at, level: 'notice', message: 'Started working: 2 available services' });
    logs.sink({ type: 'service-resumed', at, service: { id: 'foo-in', name: 'foo' } });
    logs.flushSync();
    const head = `26/11/22@06:49:51 superd[${process.pid}]: `;
    expect(read(path)).toBe(`${head}NOTICE: Started working: 2 available services\n${head}ERROR: Activating service foo\n`);
  });

  it('in syslog has no level word, and has the name from the access rules', () => {
    const { logs, sent } = openLogs({ kind: 'syslog', facility: 'daemon' });
    logs.configure([service('foo', null)]);
    logs.sink({ type: 'notice', at, level: 'notice', message: 'Started working: 2 available services' });
    logs.sink(refused('foo', 'wrappers'));
    const tag = `Nov 22 06:49:51 superd[${process.pid}]: `;
    expect(sent).toEqual([
      `<29>${tag}Started working: 2 available services`,
      `<30>${tag}libwrap refused connection to foo (libwrap=in.foo) from 192.0.2.7`,
    ]);
  });

  it('may be a file that a service uses too', () => {
    const path = join(temporaryDirectory(), 'both');
    const { logs } = openLogs({ kind: 'file', path });
    logs.configure([service('one', file(path))]);
    logs.sink(refused('one', 'load'));
    logs.flushSync();
    expect(read(path).split('\n').slice(0, -1)).toEqual([
      `${stamp}FAIL: one load from=192.0.2.7`,
      `26/11/22@06:49:51 superd[${process.pid}]: ERROR: refused connect from 192.0.2.7 due to excessive load`,
    ]);
    logs.configure([]);
    logs.sink(refused('one', 'load'));
    logs.sink({ type: 'notice', at, level: 'warning', message: 'Exiting...' });
    logs.close();
    expect(read(path)).toMatch(/WARNING: Exiting\.\.\.\n$/);
  });
});
