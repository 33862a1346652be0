import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/control/schema.js';
import type { Verb } from '../../src/control/verb.js';
import { verbs } from '../../src/control/verbs/table.js';
import { Connection, ask as talk } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { serviceBlock } from '../support/service-block.js';
import { superctl } from './superctl.js';

const page = readFileSync(new URL('../../docs/control.md', import.meta.url), 'utf8');

async function world() {
  const [echo, web] = (await freePorts(2)) as [number, number];
  const daemon = await startDaemon({
    config: serviceBlock('echo', { port: echo, server: '/bin/cat' }) + serviceBlock('web-1', { port: web, server: '/bin/echo' }),
  });
  return { daemon, echo, web };
}

describeWith({ programs: ['curl'] }, 'docs/control.md', () => {
  const examples = [...page.matchAll(/^curl .*$/gm)].map(([line]) => line);

  test('has examples', () => expect(examples.length).toBeGreaterThan(4));

  test.each(examples)('%s', async (line) => {
    const { daemon } = await world();
    const { code, stdout } = await run('sh', [
      '-c',
      line.replace('/run/superd/control.sock', daemon.controlSocket).replace('curl', 'curl -sS -m 60'),
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).not.toHaveProperty('error');
  });

  test('names every verb of superctl', async () => {
    const { daemon } = await world();
    const help = (await superctl(daemon, ['--help'])).stdout;
    const commands = [...help.slice(help.indexOf('COMMANDS')).matchAll(/^ {2}(\S+)/gm)].map((match) => match[1] as string);
    const elsewhere = ['access', 'import'];
    expect(commands.filter((name) => !elsewhere.includes(name) && !page.includes(`\`${name}`))).toEqual([]);
  });
});

describe('docs/openapi.json', () => {
  /** Every answer is read with the schema that the description is made from. */
  test('is what superd answers', async () => {
    const { daemon, echo, web } = await world();
    await talk({ port: web });
    const client = await Connection.open({ port: echo });
    client.send('hello');
    await client.waitForText(/hello/);
    const { request } = await import('node:http');
    const services = { services: ['all'] };
    const asked: Partial<Record<keyof typeof verbs, object>> = {
      ...{ list: {}, version: {}, sessions: {}, check: {}, plan: {}, show: services, cat: services, kill: services },
      ...{ reload: services, restart: services, stop: services, start: services, apply: {} },
    };
    for (const [name, params] of Object.entries(asked)) {
      const text = await new Promise<string>((resolve, reject) => {
        const sent = request({ socketPath: daemon.controlSocket, path: `/v1/${name}`, method: 'POST' }, (response) => {
          let received = '';
          response.on('data', (chunk) => (received += chunk));
          response.on('end', () => resolve(received));
        });
        sent.on('error', reject);
        sent.end(JSON.stringify(params));
      });
      const { result } = verbs[name as keyof typeof verbs] as Verb<unknown, unknown>;
      (result as Schema<unknown>).read(JSON.parse(text), name);
    }
  });
});
