import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { getResourceLimit, setResourceLimit } from '../../src/os/process.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { waitFor } from '../support/wait-for.js';
import { echo, startTarget } from './target.js';

const RLIMIT_NOFILE = 7;
const ENOUGH = 50_000;
const WANTED = 10_000;

/** Raises the descriptor limit of this process to ENOUGH, without CAP_SYS_RESOURCE only to its hard limit. */
function raiseLimit(): number {
  const [, hard] = getResourceLimit(RLIMIT_NOFILE);
  try {
    setResourceLimit(RLIMIT_NOFILE, ENOUGH, Math.max(hard, ENOUGH));
    return ENOUGH;
  } catch {
    setResourceLimit(RLIMIT_NOFILE, Math.min(hard, ENOUGH), hard);
    return Math.min(hard, ENOUGH);
  }
}

/** One address of the loopback has 28,000 ports for clients, so the clients use several addresses. */
const CLIENTS_AN_ADDRESS = 2500;

const memoryOf = (pid: number) => Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);

describeWith({ root: true, programs: ['prlimit'], superdOnly: 'ten thousand processes of xinetd do not fit a test' }, 'redirect', () => {
  test('has 10,000 sessions open at once without a pipe and with little memory, and each answers', async () => {
    const limit = raiseLimit();
    const sessions = Math.min(WANTED, Math.floor(limit / 2) - 300);
    const port = await freePort();
    const target = await startTarget(echo);
    const daemon = await startDaemon({
      config: serviceBlock('web', { port, cps: '0 0', instances: 'UNLIMITED', redirect: ['127.0.0.1', target.port] }),
      prefix: ['prlimit', `--nofile=${limit}:${limit}`],
    });
    const before = memoryOf(daemon.pid);
    const clients: Socket[] = [];
    let answers = 0;
    const errors: string[] = [];
    const evidence = () =>
      `${answers} answers, ${target.connections.length} upstream connections, errors: ${errors.join(', ')}\n${daemon.account()}`;
    onTestFinished(() => {
      for (const client of clients) client.destroy();
    });
    for (let i = 0; i < sessions; i++) {
      const client = connect({ port, host: '127.0.0.1', localAddress: `127.0.1.${1 + Math.floor(i / CLIENTS_AN_ADDRESS)}` });
      client.on('error', ({ message }) => void errors.push(message));
      client.on('data', () => answers++);
      client.write('x');
      clients.push(client);
      if (i % 500 === 499 || i === sessions - 1) await waitFor('the answers so far', () => answers === i + 1, { evidence });
    }
    expect(target.connections).toHaveLength(sessions);
    const descriptors = readdirSync(`/proc/${daemon.pid}/fd`).length;
    expect(descriptors).toBeGreaterThan(2 * sessions);
    expect(descriptors).toBeLessThan(2 * sessions + 200);
    expect((memoryOf(daemon.pid) - before) / sessions).toBeLessThan(8);
    for (const client of clients) client.destroy();
    await waitFor('all to be over', () => readdirSync(`/proc/${daemon.pid}/fd`).length < 300);
  });
});
