import { existsSync, readFileSync } from 'node:fs';
import { childrenOf, descendantsOf, killProcess } from '../../support/processes.js';
import { run } from '../../support/run.js';
import { waitFor, within } from '../../support/wait-for.js';
import { patientlyFor } from '../patiently.js';
import type { Verb } from '../steps.js';
import type { World } from '../world.js';
import { showLog } from './logs.js';

/** What is done to the daemon itself. */
export const daemonSteps: Readonly<Record<string, Verb>> = {
  /** reload [NAME]: the part `config NAME` becomes its file, HUP is sent, and the outcome waited for. */
  async reload(world, request) {
    const name = request.words[0];
    if (name !== undefined) world.writeConfig(world.part('config', name)!.text);
    const before = world.words.length;
    world.signal('SIGHUP');
    const outcome = () => /Reconfigured: .*|reconfiguration failed/.exec(world.words.slice(before).join('\n'))?.[0];
    await waitFor('the reload', () => !world.running || outcome() !== undefined, { evidence: () => world.account() });
    return [outcome() ?? `ends: ${await world.exited}`];
  },

  /** signal NAME */
  signal(world, request) {
    world.signal(request.word(0, 'signal NAME') as NodeJS.Signals);
    return [];
  },

  /** ended: waits until the daemon has; `within 1`, whether it has in that many seconds. */
  async ended(world, request) {
    return [(await patientlyFor(request, `the end of ${world.kind}`, world, world.exited)) ?? 'goes on'];
  },

  /** start: starts it, or starts it again. */
  async start(world) {
    await world.start();
    return world.running ? [] : [`ends: ${await world.exited}`];
  },

  /** servers COUNT: waits until that many run. */
  async servers(world, request) {
    const count = Number(request.word(0, 'servers COUNT'));
    await waitFor(`${count} servers`, () => childrenOf(world.pid).filter(({ state }) => state !== 'Z').length === count, {
      evidence: () => world.account(),
    });
    return [];
  },

  /** kill: ends the servers that run, which xinetd may leave waiting for ever. */
  kill(world) {
    for (const one of descendantsOf(world.pid)) killProcess(one);
    return [];
  },

  /** run OPTION…: the daemon's program once more, to its end. */
  async run(world, request) {
    const [program, ...args] = world.command(request.words);
    const { code, signal, stdout, stderr } = await run(program, args, { cwd: world.directory, env: world.environment() });
    return [
      `status ${code ?? signal}`,
      ...(stdout === '' ? [] : ['writes to standard output']),
      ...(stderr === '' ? [] : ['writes to standard error']),
    ];
  },

  /** listening: where it listens, of the ports $A to $F. */
  listening(world) {
    const sockets = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) => listeners(world.pid, table));
    const ports = new Set([...world.variables.values()].filter((value) => /^\d+$/.test(value)).map(Number));
    const mine = sockets.filter(({ port }) => ports.has(port));
    return mine.map(({ table, address, port }) => world.mask(`${table} ${address} ${port}`)).sort();
  },

  /** groups: the IPv4 multicast groups joined in the daemon's network, without the group of all hosts. */
  groups(world) {
    const table = readFileSync(`/proc/${world.pid}/net/igmp`, 'latin1');
    const joined = [...table.matchAll(/^\t+([0-9A-F]{8}) /gm)].map(([, group]) => addressOf(group as string));
    return joined.filter((group) => group !== '224.0.0.1').sort();
  },

  /** The last step of every scenario, written or not: all clients leave, the servers end, and the daemon is ended. */
  async finish(world) {
    for (const client of world.clients.values()) client.close();
    if (!world.running) return showLog(world, 'service.log');
    await waitFor('the servers to end', () => descendantsOf(world.pid).length === 0, { evidence: () => world.account() });
    world.signal('SIGTERM');
    const status = await within(`the end of ${world.kind}`, world.exited);
    return [...showLog(world, 'service.log'), status, ...(existsSync(world.pidFile) ? ['the pidfile is left behind'] : [])];
  },
};

function listeners(pid: number, table: string): { table: string; address: string; port: number }[] {
  const rows = readFileSync(`/proc/${pid}/net/${table}`, 'latin1').split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state]) => state === (table.startsWith('tcp') ? '0A' : '07'))
    .map(([, local = '']) => ({ table, address: addressOf(local.split(':')[0]!), port: Number.parseInt(local.split(':')[1]!, 16) }));
}

/** As /proc writes it, words of four bytes in the machine's order. */
function addressOf(hexadecimal: string): string {
  if (/^0+$/.test(hexadecimal)) return '*';
  if (hexadecimal === '00000000000000000000000001000000') return '::1';
  if (hexadecimal.length !== 8) return hexadecimal;
  return hexadecimal
    .match(/../g)!
    .map((byte) => Number.parseInt(byte, 16))
    .reverse()
    .join('.');
}

export function worldHas(world: World, file: string): boolean {
  return existsSync(world.path(file));
}
