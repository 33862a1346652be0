import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { datagramOpen, datagramSend } from '../../src/os/datagram.js';
import { close, dropDatagram, socketOpen } from '../../src/os/socket.js';
import type { Event } from '../../src/report/event.js';
import { priority, SyslogSink } from '../../src/report/log/syslog-sink.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const pri = priority('daemon', 'info');

/** Prints `listening`, and then each message it receives on a line. */
const readerProgram = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(s.recv(65536).decode(), flush=True)
`;

interface Opened {
  readonly sink: SyslogSink;
  readonly events: Event[];
}

function openSyslog(path: string): Opened {
  const fd = datagramOpen();
  const events: Event[] = [];
  const sink = new SyslogSink({
    send: (to, data) => datagramSend(fd, to, data),
    path,
    name: 'superd',
    pid: 2188,
    lossText: (loss) => `${loss.lines} lines lost: ${loss.problem}`,
    lossPriority: pri,
    report: (event) => events.push(event),
  });
  onTestFinished(() => {
    sink.close();
    close(fd);
  });
  return { sink, events };
}

async function startReader(path: string): Promise<() => string> {
  rmSync(path, { force: true });
  const reader = spawn('python3', ['-c', readerProgram, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    reader.kill();
    await once(reader, 'close');
  });
  let heard = '';
  reader.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  await waitFor('the reader', () => heard.startsWith('listening\n'));
  return () => heard.slice('listening\n'.length);
}

describeWith({ programs: ['python3'] }, 'a syslog daemon', () => {
  it('gets one datagram for each message', async () => {
    const path = join(temporaryDirectory(), 'log');
    const heard = await startReader(path);
    const { sink } = openSyslog(path);
    sink.write(priority('local3', 'notice'), new Date(2026, 10, 22, 6, 59, 18).getTime(), 'START: foo pid=2216 from=127.0.0.1');
    await waitFor('the message', () => heard().endsWith('\n'));
    expect(heard()).toBe('<157>Nov 22 06:59:18 superd[2188]: START: foo pid=2216 from=127.0.0.1\n');
  });

  it('gets every message when it is slower than superd for a moment', async () => {
    const path = join(temporaryDirectory(), 'log');
    const heard = await startReader(path);
    const { sink, events } = openSyslog(path);
    const messages = Array.from({ length: 600 }, (_, n) => `message ${n}`);
    for (const message of messages) sink.write(pri, 0, message);
    await waitFor('all of them', () => heard().split('\n').length > messages.length);
    expect(heard().match(/message \d+/g)).toEqual(messages);
    expect(events).toEqual([]);
  });

  it('that returns gets the messages that waited, and the number of lost ones', async () => {
    const path = join(temporaryDirectory(), 'log');
    const { sink, events } = openSyslog(path);
    const total = 2000;
    for (let n = 0; n < total; n++) sink.write(pri, 0, `message ${n} ${'x'.repeat(80)}`);
    const heard = await startReader(path);
    const count = await waitFor('the count', () => /(\d+) lines lost: sendto .*\(ENOENT\)\n$/.exec(heard()));
    const lost = Number(count[1]);
    expect(heard().match(/message/g)).toHaveLength(total - lost);
    await waitFor('the recovery', () => events.length === 2);
    expect(events).toMatchObject([{ type: 'log-health' }, { type: 'log-health', problem: '', linesLost: lost }]);
  });
});

it('a syslog socket without a reader never blocks, and every message is received or counted', async () => {
  const path = join(temporaryDirectory(), 'log');
  const family = { family: 'unix', type: 'dgram', protocol: 0, address: path, port: 0, backlog: -1 } as const;
  const off = { reuseAddress: false, v6only: false, nodelay: false, keepalive: false, device: null, freebind: false } as const;
  const reader = socketOpen({ ...family, ...off, nonblocking: true });
  onTestFinished(() => close(reader));
  const { sink, events } = openSyslog(path);
  const total = 50_000;
  for (let n = 0; n < total; n++) sink.write(pri, 0, `message ${n}`);
  let received = 0;
  const linesLost = () => events.flatMap((event) => (event.type === 'log-health' && event.problem === '' ? [event.linesLost] : []));
  await waitFor('every message or its count', () => {
    while (dropDatagram(reader)) received++;
    return linesLost().length === 1 && received === total - linesLost()[0]! + 1;
  });
  expect(events).toHaveLength(2);
  expect(events[0]).toMatchObject({ type: 'log-health', problem: 'the reader does not keep up' });
});
