import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { atEnd } from './at-end.js';
import { type Outcome, Running, run } from './run.js';

/** A network namespace. `enter` is a command prefix: what follows runs in the namespace. */
export interface Namespace {
  readonly name: string;
  readonly enter: readonly string[];
  /** Runs a program in the namespace until it ends. */
  run(program: string, args?: readonly string[], options?: { readonly input?: string; readonly timeoutMs?: number }): Promise<Outcome>;
  /** Starts a program in the namespace that runs beside the test. */
  start(program: string, args?: readonly string[]): Running;
}

/** Addresses with prefix lengths, `192.168.10.1/24`, for each end of the cable. */
export interface NetworkSpec {
  readonly server: readonly string[];
  readonly client: readonly string[];
}

/**
 * Makes two machines joined by a cable: network namespaces with a veth pair between them. They are removed when the test ends.
 *
 * @example const { server, client } = makeNetwork({ server: ['192.168.10.1/24'], client: ['192.168.10.7/24'] })
 */
export function makeNetwork(spec: NetworkSpec): { readonly server: Namespace; readonly client: Namespace } {
  const name = `superd-${process.pid}-${randomBytes(3).toString('hex')}`;
  const server = makeNamespace(`${name}-server`);
  const client = makeNamespace(`${name}-client`);
  ip('link', 'add', 'eth0', 'netns', server.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', client.name);
  for (const [{ name }, addresses] of [
    [server, spec.server],
    [client, spec.client],
  ] as const) {
    ip('-n', name, 'link', 'set', 'lo', 'up');
    ip('-n', name, 'link', 'set', 'eth0', 'up');
    // Without duplicate address detection an IPv6 address can be bound immediately.
    for (const address of addresses) ip('-n', name, 'address', 'add', address, 'dev', 'eth0', ...(address.includes(':') ? ['nodad'] : []));
  }
  return { server, client };
}

function makeNamespace(name: string): Namespace {
  ip('netns', 'add', name);
  atEnd(() => ip('netns', 'delete', name));
  const enter = ['nsenter', `--net=/run/netns/${name}`, '--'];
  return {
    name,
    enter,
    run: (program, args = [], options = {}) => run('nsenter', [...enter.slice(1), program, ...args], options),
    start: (program, args = []) => new Running('nsenter', [...enter.slice(1), program, ...args]),
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
