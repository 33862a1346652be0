import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { allBound, allListen, freePorts } from './ports.mjs';
import { endProcessesOf } from './processes.mjs';
import { now, Starts } from './starts.mjs';

/**
 * The environment of every peer: no NODE_* variable (NODE_EXTRA_CA_CERTS alone costs Node 20 70 ms at each start), no language, no
 * notification socket.
 */
export const cleanEnvironment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

const startDeadlineMs = 30_000;
const stopDeadlineMs = 5_000;

/** Starts the peers' daemons and owns their processes and files. `close` ends and removes all of them and may be called at any time. */
export class Daemons {
  directory = mkdtempSync(join(tmpdir(), 'superd-bench-'));
  #running = new Set();
  #started = 0;

  /** The command line of a peer with its files written, ports chosen. `setup`: `{services, deny, builtin, redirect, logged, dgram, rpc}`. */
  prepare(peer, { services = 1, ...setup }, programs) {
    const directory = join(this.directory, `${peer.name}-${++this.#started}`);
    mkdirSync(directory);
    const ports = freePorts(services);
    return { directory, ports, argv: peer.command({ directory, ports, programs, ...setup }) };
  }

  /** Starts a peer and waits until it listens. Returns `{pid, port, ports, stop}`. */
  async start(peer, setup, programs) {
    const { directory, ports, argv } = this.prepare(peer, setup, programs);
    const errors = join(directory, 'stderr');
    const sink = openSync(errors, 'w');
    const child = spawn(programs.launch, argv, { cwd: '/', env: cleanEnvironment, stdio: ['ignore', sink, sink], detached: true });
    closeSync(sink);
    this.#running.add(child);
    const ended = new Promise((resolve) => child.once('exit', resolve)).then(() => this.#running.delete(child));
    const lastWords = () => `${readFileSync(errors, 'utf8').slice(-2000)} (status ${child.exitCode}, signal ${child.signalCode})`;

    const ready = () =>
      (setup.dgram ? allBound(ports) : allListen(ports)) && (!peer.readyLine || readFileSync(errors, 'utf8').includes(peer.readyLine));
    const deadline = performance.now() + startDeadlineMs;
    while (!ready()) {
      if (!this.#running.has(child) || performance.now() > deadline) {
        throw new Error(`${peer.name} does not listen: ${lastWords()}`);
      }
      await delay(10);
    }
    /** Ends the daemon; throws when it had ended before. */
    const stop = async () => {
      if (!this.#running.has(child)) throw new Error(`${peer.name} ended by itself: ${lastWords()}`);
      const patience = setTimeout(() => killGroup(child.pid, 'SIGKILL'), stopDeadlineMs);
      killGroup(child.pid, 'SIGTERM');
      await ended;
      clearTimeout(patience);
      rmSync(directory, { recursive: true, force: true });
    };
    return { pid: child.pid, port: ports[0], ports, stop };
  }

  /**
   * Starts a manager of resident daemons and does not wait for them. All daemons run the same file.
   * Returns `{directory, pid, begun, starts, end}`, where `begun` is the time just before the start.
   */
  keep(manager, count, { launch, resident }) {
    const directory = join(this.directory, `${manager.name}-${++this.#started}`);
    mkdirSync(directory);
    const fifo = join(directory, 'starts');
    const starts = new Starts(fifo);
    const program = join(directory, 'daemon');
    writeFileSync(program, `#!${resident} ${fifo}\n`, { mode: 0o755 });
    const setup = { directory, program, count };
    const argv = manager.command(setup);
    const env = { ...cleanEnvironment, ...manager.environment?.(setup) };
    const begun = now();
    const child = spawn(launch, argv, { cwd: directory, env, stdio: 'ignore', detached: true });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    const end = () => {
      // The manager ends first, so that it restarts no daemon. It is found by its pid or its directory, also after it went into the background.
      if (this.#running.has(child)) killGroup(child.pid, 'SIGKILL');
      endProcessesOf(directory);
      starts.close();
      rmSync(directory, { recursive: true, force: true });
    };
    return { directory, pid: child.pid, begun, starts, end };
  }

  close() {
    for (const child of this.#running) killGroup(child.pid, 'SIGKILL');
    endProcessesOf(this.directory);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
