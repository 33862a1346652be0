import { openSync, readSync } from 'node:fs';
import type { DaemonPlan } from '../config/plan.js';
import { pipeOpen } from '../os/descriptor.js';
import { close } from '../os/socket.js';
import type { SuperviseContext, Watched } from './context.js';

/** What is waited for until a daemon is ready. */
export interface Readiness {
  /** Its process runs now. */
  begin(): void;
  stop(): void;
}

/** What waiting takes of the daemon. */
export interface ReadinessView {
  readonly plan: DaemonPlan;
  readonly index: number;
  readonly context: SuperviseContext;
  ready(): void;
  /** Whether its pidfile names it. */
  pidInFile(): boolean;
  /** Of its main process; 0 when there is none. */
  readonly pid: number;
}

/** Between two questions: soon at first, since most are ready within moments. */
const FIRST_MS = 10;
const LAST_MS = 250;

/**
 * Prepares waiting for a daemon.
 *
 * @param fds Descriptors of the start by their number there, to which one may be added; null when it runs already.
 * @param given Takes what was opened and goes to the daemon.
 */
export function awaitReadiness(view: ReadinessView, fds: number[] | null, given: number[]): Readiness | null {
  const { ready } = view.plan;
  switch (ready.kind) {
    case 'none':
    case 'notify':
      return null;
    case 'fd':
      return fds === null ? null : new DescriptorReadiness(view, ready.fd, fds, given);
    case 'pidfile':
      return new AskedReadiness(
        () => view.pidInFile(),
        () => view.ready(),
      );
    default: {
      const probe = import('./probe.js').then(({ ask }) => ask);
      return new AskedReadiness(
        async () => (await probe)(ready, view),
        () => view.ready(),
      );
    }
  }
}

/** The daemon writes a line to a descriptor that it was started with, as s6 and its kind have it. */
class DescriptorReadiness implements Readiness {
  private readonly readEnd: number;
  private watched: Watched | null = null;
  private open = true;

  constructor(
    private readonly view: ReadinessView,
    number: number,
    fds: number[],
    given: number[],
  ) {
    const [readEnd, writeEnd] = pipeOpen();
    this.readEnd = readEnd;
    given.push(writeEnd);
    while (fds.length < number) {
      const nowhere = openSync('/dev/null', 'r+');
      given.push(nowhere);
      fds.push(nowhere);
    }
    fds.push(writeEnd);
  }

  begin(): void {
    if (this.open) this.watched = this.view.context.watch(this.readEnd, () => this.read());
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
      // Nothing there after all.
      this.watched?.again();
      return;
    }
    const line = buffer.subarray(0, length).includes('\n');
    if (line) this.view.ready();
    // Closed without a word: it will never be, which the deadline tells.
    else if (length > 0) this.watched?.again();
  }
}

/** Asked again and again. */
class AskedReadiness implements Readiness {
  private timer: NodeJS.Timeout | null = null;
  private waitMs = FIRST_MS;
  private stopped = false;

  constructor(
    private readonly ask: () => boolean | Promise<boolean>,
    private readonly ready: () => void,
  ) {}

  begin(): void {
    void this.look();
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const answer = await this.ask();
    if (this.stopped) return;
    if (answer) return this.ready();
    this.timer = setTimeout(() => void this.look(), this.waitMs);
    this.waitMs = Math.min(this.waitMs * 2, LAST_MS);
  }
}
