import type { NssLookUp } from '../config/nss-facts.js';
import { disk } from '../config/read.js';
import type { Awaited } from '../config/rejections.js';
import { runLater } from '../guarded.js';

/** Each attempt costs a look-up in a thread, and a stat(2) for each missing program. */
const EVERY_MS = 2000;

/** Looks periodically for the missing accounts, names and programs because of which superd has rejected services. */
export class RejectionRetry {
  private timer: NodeJS.Timeout | null = null;
  private awaited: readonly Awaited[] = [];

  /** @param found Called when one of them exists. It leads to `follow`, or to `schedule` when superd cannot read its configuration now. */
  constructor(
    private readonly lookUp: NssLookUp,
    private readonly found: () => void,
  ) {}

  /** Starts over with the services that a new configuration rejects. */
  follow(awaited: readonly Awaited[]): void {
    this.awaited = awaited;
    this.schedule();
  }

  schedule(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = this.awaited.length === 0 ? null : runLater(() => this.look(), EVERY_MS);
    this.timer?.unref();
  }

  private async look(): Promise<void> {
    const { awaited } = this;
    let isThere = false;
    try {
      isThere = awaited.some(isHere) || (await this.anyAnswer(awaited));
    } finally {
      // Unless `follow` has replaced them meanwhile.
      if (awaited === this.awaited && !isThere) this.schedule();
    }
    if (awaited === this.awaited && isThere) this.found();
  }

  private async anyAnswer(awaited: readonly Awaited[]): Promise<boolean> {
    const questions = awaited.flatMap((one) => ('question' in one ? [one.question] : []));
    if (questions.length === 0) return false;
    return (await this.lookUp(questions)).some((answer) => answer !== null && answer.kind !== 'unanswered');
  }
}

function isHere(one: Awaited): boolean {
  if ('device' in one) return disk.devices().some((device) => device.toLowerCase() === one.device);
  return 'program' in one && disk.executable(one.program) === 'yes';
}
