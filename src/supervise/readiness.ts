import { openSync, readSync } from 'node:fs';
import { inBackground, runLater } from '../guarded.js';
import { pipeOpen } from '../os/descriptor.js';
import { close } from '../os/socket.js';
import type { Watched } from './context.js';
import type { ProbeTarget } from './probe.js';

/** Waits until a daemon is ready. */
export interface Readiness {
  /** Its process runs. */
  begin(): void;
  stop(): void;
}

/** The run that superd waits for. */
export interface ReadinessTarget extends ProbeTarget {
  ready(): void;
  /** Whether its pidfile names its main process. */
  pidfileNamesMain(): boolean;
}

/** Between two polls: short at first, since most daemons are ready within moments. */
const FIRST_MS = 10;
const LAST_MS = 250;

/**
 * Prepares to wait for a daemon.
 *
 * @param fds The descriptors of the start by their number there, to which `ready = fd` adds one; null when it runs already.
 * @param given Collects the descriptors that the start gives away.
 */
export function awaitReadiness(target: ReadinessTarget, fds: number[] | null, given: number[]): Readiness | null {
  const { ready } = target.plan;
  const becomeReady = () => target.ready();
  switch (ready.kind) {
    case 'none':
    case 'notify':
      return null;
    case 'fd':
      return fds === null ? null : new DescriptorReadiness(target, ready.fd, fds, given);
    case 'pidfile':
      return new PolledReadiness(() => target.pidfileNamesMain(), becomeReady);
    default: {
      const loaded = import('./probe.js');
      return new PolledReadiness(async () => (await loaded).answers(ready, target), becomeReady);
    }
  }
}

/** The daemon writes a line to a descriptor, as s6 has it. */
class DescriptorReadiness implements Readiness {
  private readonly readEnd: number;
  private watched: Watched | null = null;
  private open = true;

  constructor(
    private readonly target: ReadinessTarget,
    number: number,
    fds: number[],
    given: number[],
  ) {
    const [readEnd, writeEnd] = pipeOpen();
    this.readEnd = readEnd;
    given.push(writeEnd);
    while (fds.length < number) {
      const nothing = openSync('/dev/null', 'r+');
      given.push(nothing);
      fds.push(nothing);
    }
    fds.push(writeEnd);
  }

  begin(): void {
    if (this.open) this.watched = this.target.context.watch(this.readEnd, () => this.read());
  }

  stop(): void {
    if (!this.open) return;
    this.open = false;
    this.watched?.stop();
    close(this.readEnd);
  }

  private read(): void {
    const buffer = Buffer.allocUnsafe(256);
    let length = 0;
    try {
      length = readSync(this.readEnd, buffer);
    } catch {
      // Nothing to read after all (EAGAIN).
      this.watched?.rearm();
      return;
    }
    const line = buffer.subarray(0, length).includes('\n');
    if (line) this.target.ready();
    // A length of 0 means that the daemon has closed the descriptor without a line: ready_timeout ends it.
    else if (length > 0) this.watched?.rearm();
  }
}

class PolledReadiness implements Readiness {
  private timer: NodeJS.Timeout | null = null;
  private waitMs = FIRST_MS;
  private stopped = false;

  constructor(
    private readonly isReady: () => boolean | Promise<boolean>,
    private readonly ready: () => void,
  ) {}

  begin(): void {
    inBackground(this.poll());
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async poll(): Promise<void> {
    let isReady = false;
    try {
      isReady = await this.isReady();
    } finally {
      if (!isReady && !this.stopped) this.pollLater();
    }
    if (isReady && !this.stopped) this.ready();
  }

  private pollLater(): void {
    this.timer = runLater(() => this.poll(), this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LAST_MS);
  }
}
