import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Program, ProgramSpec, SocketSpec, SpawnStep } from '../../src/os/binding.js';
import { type AcceptedRecord, type Loop, openLoop, type RelayedSession } from '../../src/os/loop.js';
import { close, socketOpen } from '../../src/os/socket.js';
import { programCreate, spawn } from '../../src/os/spawn.js';
import type { ExitStatus, ResourceUsage } from '../../src/report/event.js';
import { reporter, type SelfReport } from '../support/self-report.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** How one start ended. */
export interface Start {
  readonly token: number;
  pid: number;
  microseconds: number;
  failure: { step: SpawnStep; errno: number } | null;
  exit: ExitStatus | null;
  usage: ResourceUsage | null;
}

/** An open loop that records its reports; closed when the test ends. */
export class World {
  readonly loop: Loop;
  readonly starts = new Map<number, Start>();
  /** In order: `spawned 7`, `exited 7`, `readable 3`. */
  readonly reports: string[] = [];
  readonly errors: unknown[] = [];
  readonly relays = new Map<number, RelayedSession>();
  onAccepted: (token: number, record: AcceptedRecord) => boolean = () => false;
  onReadable: (token: number) => void = () => {};
  onAcceptFailed: (token: number, errno: number) => void = () => {};
  private lastToken = 0;

  constructor(threads = 2) {
    this.loop = openLoop(
      {
        accepted: (token, record) => this.onAccepted(token, record),
        acceptFailed: (token, errno) => this.onAcceptFailed(token, errno),
        readable: (token) => {
          this.reports.push(`readable ${token}`);
          this.onReadable(token);
        },
        spawned: (token, pid, microseconds) => {
          this.reports.push(`spawned ${token}`);
          Object.assign(this.start(token), { pid, microseconds });
        },
        spawnFailed: (token, step, errno) => {
          this.reports.push(`spawnFailed ${token}`);
          this.start(token).failure = { step, errno };
        },
        exited: (token, exit, usage) => {
          this.reports.push(`exited ${token}`);
          Object.assign(this.start(token), { exit, usage });
        },
        relayEnded: (token, relayed) => void this.relays.set(token, relayed),
        relayFailed: (token, target, errno) => void this.reports.push(`relayFailed ${token} ${target} ${errno}`),
        onError: (error) => this.errors.push(error),
      },
      threads,
    );
    onTestFinished(() => this.loop.close());
  }

  token(): number {
    return ++this.lastToken;
  }

  begin(program: Program, fds: readonly number[], environment: readonly string[] = [], closeAfter = false): Start {
    const start = this.expect();
    spawn(program, fds, closeAfter, environment, start.token);
    return start;
  }

  /** Starts a process; its reports have the returned token. */
  expect(): Start {
    const start: Start = { token: this.token(), pid: 0, microseconds: 0, failure: null, exit: null, usage: null };
    this.starts.set(start.token, start);
    return start;
  }

  /** Starts a program with its output in a file, and waits until it ends. */
  async run(spec: Partial<ProgramSpec>, environment: readonly string[] = []): Promise<Start & { output: string }> {
    const path = join(temporaryDirectory(), 'output');
    const [input, output] = [openSync('/dev/null', 'r'), openSync(path, 'w')];
    const start = this.begin(program(spec), [input, output, output], environment);
    await this.ended(start);
    closeSync(input);
    closeSync(output);
    return { ...start, output: readFileSync(path, 'utf8') };
  }

  async report(spec: Partial<ProgramSpec>, environment: readonly string[] = []): Promise<SelfReport> {
    const { output, failure } = await this.run({ path: reporter(), argv: ['report-self'], ...spec }, environment);
    if (failure !== null) throw new Error(`${failure.step}: ${failure.errno}`);
    return JSON.parse(output) as SelfReport;
  }

  async ended(start: Start): Promise<Start> {
    await waitFor(`start ${start.token} to end`, () => start.exit !== null || start.failure !== null);
    return start;
  }

  private start(token: number): Start {
    return this.starts.get(token) as Start;
  }
}

/** /bin/true, as superd itself, unless `spec` says otherwise. */
export function program(spec: Partial<ProgramSpec>): Program {
  return programCreate({
    path: '/bin/true',
    argv: ['true'],
    environment: [],
    listenPid: false,
    directory: '/',
    umask: -1,
    nice: 0,
    limits: [],
    credentials: null,
    newSession: true,
    noNewPrivileges: false,
    ...spec,
  });
}

export const shell = (script: string): Partial<ProgramSpec> => ({ path: '/bin/sh', argv: ['sh', '-c', script] });

/** A TCP listener on a free port of 127.0.0.1, unless `spec` says otherwise; closed when the test ends. */
export function open(spec: Partial<SocketSpec> = {}): number {
  const fd = socketOpen({
    family: 'inet',
    type: 'stream',
    protocol: 0,
    address: '127.0.0.1',
    port: 0,
    backlog: 64,
    nonblocking: false,
    reuseAddress: true,
    v6only: false,
    nodelay: false,
    keepalive: false,
    device: null,
    freebind: false,
    ...spec,
  });
  onTestFinished(() => {
    try {
      close(fd);
    } catch {
      // The test closed it.
    }
  });
  return fd;
}
