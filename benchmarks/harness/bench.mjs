import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cleanEnvironment } from './daemons.mjs';

const run = promisify(execFile);
const lineLength = 'one line\n'.length;

/** What `request` measures. */
export const requestMetrics = {
  perSecond: { label: 'requests/s', better: 'more' },
  p50us: { label: 'median', unit: 'µs', better: 'less' },
  p99us: { label: 'p99', unit: 'µs', better: 'less' },
};

/** `1 client`, and so on. */
export const clientPoints = (...counts) => counts.map((clients) => ({ label: clients === 1 ? '1 client' : `${clients} clients`, clients }));

/** The tools of a case: starts peers, loads them, and times their starts. */
export class Bench {
  constructor(daemons, programs, { seconds }) {
    this.daemons = daemons;
    this.programs = programs;
    this.seconds = seconds;
    /** A sixth of the window, at least half a second, in which Node compiles the hot path. */
    this.warmupSeconds = Math.max(0.5, seconds / 6);
  }

  /** Runs `use` with the peer's daemon up, and stops it whatever happens. */
  async withDaemon(peer, setup, use) {
    const daemon = await this.daemons.start(peer, setup, this.programs);
    try {
      return await use(daemon);
    } finally {
      await daemon.stop();
    }
  }

  /** Runs `use` with a manager that was just started on `count` daemons, and ends all of them whatever happens. */
  async withManager(manager, count, use) {
    const kept = this.daemons.keep(manager, count, this.programs);
    try {
      return await use(kept);
    } finally {
      kept.end();
    }
  }

  /**
   * Loads a port with groups of clients at once; see load/load.c for what the numbers mean.
   * @param groups `{name, clients, source, sources, workers}` each.
   * @param more further options of load/load.c
   * @returns the tallies by group name
   */
  async load(port, groups, more = []) {
    const specs = groups.map((group) => [group.name, group.clients, group.source, group.sources, group.workers].join(','));
    const options = ['--port', String(port), '--seconds', String(this.seconds), '--warmup', String(this.warmupSeconds), ...more];
    const { stdout } = await run(this.programs.load, [...options, ...specs], { env: cleanEnvironment });
    return Object.fromEntries(JSON.parse(stdout).map((tally) => [tally.name, tally]));
  }

  /** Lets `clients` clients send request after request to a port; every answer must have `length` bytes. */
  async request(port, clients, length) {
    const { all } = await this.load(port, [{ name: 'all', clients, source: '127.0.1.1', sources: 200, workers: 2 }]);
    mustServe(all, length);
    return { perSecond: all.perSecond, p50us: all.p50us, p99us: all.p99us, generatorCpu: all.cpu };
  }

  /** The same load as a warm-up; it is not counted. */
  async warmUp(port, groups) {
    await this.load(port, groups, ['--warmup', '0', '--seconds', String(this.warmupSeconds)]);
  }

  /** Runs `use` with the port of an upstream server. `command` makes the argv of the server from a port. */
  withTarget(command, use) {
    const peer = { name: 'target', command: ({ ports }) => command(ports[0]) };
    return this.withDaemon(peer, {}, ({ port }) => use(port));
  }

  /** Reads one stream to its end: load/stream.c. */
  async readStream(port, bytes) {
    const { stdout } = await run(this.programs.stream, ['read', String(port), String(bytes)], { env: cleanEnvironment });
    return JSON.parse(stdout);
  }

  /** Milliseconds from just before fork(2) until all of the peer's ports listen. */
  async timeStart(peer, setup) {
    const { ports, argv } = this.daemons.prepare(peer, setup, this.programs);
    const { stdout } = await run(this.programs.launch, ['--time', `${ports[0]},${ports.length}`, ...argv], {
      env: cleanEnvironment,
      cwd: '/',
    });
    return JSON.parse(stdout).milliseconds;
  }

  /** Milliseconds from just before fork(2) until rpcbind knows all of the peer's RPC services; starts an rpcbind if none is running. */
  async timeRegistration(peer, setup) {
    const { ports, argv } = this.daemons.prepare(peer, setup, this.programs);
    const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', 'sh', this.programs.ownRpcbind];
    const timed = [this.programs.launch, '--registered', `${setup.rpc.firstProgram},${ports.length}`, ...argv];
    const { stdout } = await run('unshare', [...apart, ...timed], { env: cleanEnvironment, cwd: '/', timeout: 90_000 });
    return JSON.parse(stdout).milliseconds;
  }

  /** Has `clients` ask a datagram service, each again as soon as it has its answer: load/datagrams.c. */
  async askByDatagrams(port, clients) {
    const options = [port, clients, this.seconds, this.warmupSeconds].map(String);
    const { stdout } = await run(this.programs.datagrams, options, { env: cleanEnvironment });
    return JSON.parse(stdout);
  }
}

/** Throws unless every connection of a tally was answered with the whole line. */
export function mustServe(tally, length = lineLength) {
  if (tally.requests > 0 && tally.refused === 0 && tally.errors === 0 && tally.bytes === tally.requests * length) return;
  throw new Error(`not every client was served: ${JSON.stringify(tally)}`);
}

/** Throws unless every connection of a tally was closed without a byte. */
export function mustRefuse(tally) {
  if (tally.refused > 0 && tally.requests === 0 && tally.errors === 0) return;
  throw new Error(`not every client was refused: ${JSON.stringify(tally)}`);
}
