import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckReport } from '../../src/config/check.js';
import { Connection } from '../support/client.js';
import { type DaemonKind, startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';

const superd = new URL('../../bin/superd', import.meta.url).pathname;

/** A service that says `hi`, with these lines in its block; a line replaces that of the same attribute. */
function service(name: string, port: number, lines: readonly string[]): string {
  const written = lines.map((line) => line.split(/[\s=+-]/)[0] as string);
  const replaced = Object.fromEntries(written.map((one) => [one, null]));
  const block = serviceBlock(name, { port, server: '/bin/echo', server_args: 'hi', ...replaced });
  return block.replace(/\}\n$/, `${lines.map((line) => `\t${line}\n`).join('')}}\n`);
}

/** One configuration with a service for each list of lines, on these ports. */
const configuration = (ports: readonly number[], probes: readonly (readonly string[])[]) =>
  probes.map((lines, i) => service(`probe${i}`, ports[i] as number, lines)).join('');

/**
 * Runs a daemon with a service for each list of lines, and asks each.
 *
 * @returns `serves`, `refuses` (it listens, and the client gets nothing) or `closed` (nothing listens), for each list.
 */
export async function whatBecomesOf(probes: readonly (readonly string[])[], kind: DaemonKind): Promise<string[]> {
  const ports = await freePorts(probes.length);
  await startDaemon({ kind, defaults: '', config: `${configuration(ports, probes)}`, args: ['-stayalive'] });
  return Promise.all(ports.map(outcome));
}

async function outcome(port: number): Promise<string> {
  try {
    const connection = await Connection.open({ port });
    connection.end();
    return (await connection.readToEnd()) === '' ? 'refuses' : 'serves';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return 'closed';
    throw error;
  }
}

/** What `superd --check` says of one service. */
export interface Checked {
  readonly status: string;
  /** `severity: message` of each message about its block. */
  readonly messages: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** Checks a configuration with a service for each list of lines. */
export function check(probes: readonly (readonly string[])[], { defaults = '', args = [] as readonly string[] } = {}): Checked[] {
  const path = join(temporaryDirectory(), 'checked.conf');
  const ports = probes.map((_probe, i) => 4000 + i);
  const text = `${configuration(ports, probes)}${defaults}`;
  writeFileSync(path, text);
  const { stdout, stderr } = spawnSync(superd, ['--check', '--json', ...args, '--config', path], { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const { services, diagnostics } = JSON.parse(stdout) as CheckReport;
  const lines = text.split('\n');
  const first = probes.map((_probe, i) => lines.indexOf(`service probe${i}`) + 1);
  return services.map(({ status, attributes }, i) => ({
    status,
    attributes,
    messages: diagnostics
      .filter(({ line }) => line >= (first[i] as number) && line < (first[i + 1] ?? lines.length))
      .map(({ severity, message }) => `${severity}: ${message}`),
  }));
}
