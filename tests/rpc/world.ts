import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { atEnd } from '../support/at-end.js';
import { type Daemon, type DaemonOptions, startDaemon } from '../support/daemon.js';
import { withMounts } from '../support/mounts.js';
import { makeNetwork, type Namespace } from '../support/namespace.js';
import { type Outcome, run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor, within } from '../support/wait-for.js';

export const SERVER = '10.99.7.1';
export const CLIENT = '10.99.7.2';

/** What every suite of RPC needs. */
export const needs = { root: true, programs: ['rpcbind', 'rpcinfo', 'python3'], networkNamespaces: true, mountNamespaces: true };

/** A line of `rpcinfo`: `100001 2 udp 0.0.0.0.128.3`. */
export interface Registration {
  readonly program: number;
  readonly version: number;
  readonly netId: string;
  readonly address: string;
}

export const portOf = ({ address }: Registration) => {
  const [high, low] = address.split('.').slice(-2).map(Number);
  return (high as number) * 256 + (low as number);
};

/** Two machines joined by a cable, and a real rpcbind on the server, with a /run that only rpcbind and the server's daemons see. */
export class RpcWorld {
  readonly server: Namespace;
  readonly client: Namespace;
  #rpcbind: ChildProcess | null = null;

  /** @param run The directory mounted at /run. */
  constructor(readonly run = temporaryDirectory()) {
    const { server, client } = makeNetwork({ server: [`${SERVER}/24`], client: [`${CLIENT}/24`] });
    this.server = server;
    this.client = client;
    atEnd(() => this.endRpcbind('SIGKILL'));
  }

  static async withRpcbind(): Promise<RpcWorld> {
    const world = new RpcWorld();
    await world.startRpcbind();
    return world;
  }

  get mounts(): string[] {
    return withMounts({ '/run': this.run });
  }

  /** Runs a program on the server, where rpcbind's socket is. */
  here(program: string, ...args: readonly string[]): Promise<Outcome> {
    return run('env', [...this.server.enter, ...this.mounts, program, ...args]);
  }

  async startRpcbind(): Promise<void> {
    this.#rpcbind = spawn('env', [...this.server.enter, ...this.mounts, 'rpcbind', '-f'], { stdio: 'inherit' });
    await waitFor('rpcbind', async () => (await this.here('rpcinfo', '-p')).code === 0);
  }

  /** After SIGSTOP rpcbind accepts calls and never answers, until SIGCONT. */
  signalRpcbind(signal: NodeJS.Signals): void {
    this.#rpcbind?.kill(signal);
  }

  async endRpcbind(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#rpcbind;
    this.#rpcbind = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await within('the end of rpcbind', gone);
  }

  async startDaemon(options: DaemonOptions): Promise<Daemon> {
    return startDaemon({ namespace: this.server, prefix: this.mounts, ...options });
  }

  /** The registrations of all programs but rpcbind itself. */
  async registrations(): Promise<Registration[]> {
    const { stdout } = await this.here('rpcinfo');
    return stdout.split('\n').flatMap((line) => {
      const match = /^\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)/.exec(line);
      const [, program, version, netId = '', address = ''] = match ?? [];
      return match === null || program === '100000' ? [] : [{ program: Number(program), version: Number(version), netId, address }];
    });
  }

  /** Waits until rpcbind has exactly these registrations, `PROGRAM VERSION NETID`, and returns them. */
  async waitForRegistrations(...wanted: readonly string[]): Promise<Registration[]> {
    let found: Registration[] = [];
    const names = () => found.map(({ program, version, netId }) => `${program} ${version} ${netId}`).sort();
    await waitFor(
      `rpcbind to know ${wanted.join(', ') || 'nothing'}`,
      async () => {
        found = await this.registrations();
        return names().join() === [...wanted].sort().join();
      },
      { evidence: () => names().join(', ') },
    );
    return found;
  }
}
