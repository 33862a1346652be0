import { formatElapsed } from '../duration.js';
import { runLater } from '../guarded.js';
import { decideRestart, type RestartDecision, type RestartRules, type RunOutcome } from './policy.js';

/** Decides whether and when superd starts one daemon again. */
export class NextStart {
  /** In a row. */
  private failures = 0;
  private delayMs = 0;
  private timer: NodeJS.Timeout | null = null;

  /** @returns The decision, and a note on it for people, which may be empty. */
  decide(rules: RestartRules, outcome: RunOutcome): { readonly event: RestartDecision['event']; readonly note: string } {
    const { event, delayMs, failures } = decideRestart(rules, this.failures, outcome, Math.random());
    this.failures = failures;
    this.delayMs = delayMs;
    const when = formatElapsed(delayMs);
    if (event === 'back-off') return { event, note: `; started again in ${when}` };
    return { event, note: event === 'crash-loop' ? `; ${rules.restartMax} failures in a row: tried again in ${when}` : '' };
  }

  /** Calls back after the delay of the last decision. */
  schedule(onDue: () => void): void {
    this.timer = runLater(() => {
      this.timer = null;
      onDue();
    }, this.delayMs);
  }

  cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** The next failure counts as the first one. */
  forgetFailures(): void {
    this.failures = 0;
  }
}
