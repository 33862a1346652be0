import { describeMs } from './describe.js';
import { judge, type RestartDecision, type Rules, type RunOutcome } from './policy.js';

/** When one daemon is started again after its ends, and whether. */
export class NextStart {
  /** In a row. */
  private failures = 0;
  private delayMs = 0;
  private timer: NodeJS.Timeout | null = null;

  /** @returns What follows the end, and a word on it for people, which may be empty. */
  judge(rules: Rules, outcome: RunOutcome): { readonly event: RestartDecision['event']; readonly note: string } {
    const { event, delayMs, failures } = judge(rules, this.failures, outcome, Math.random());
    this.failures = failures;
    this.delayMs = delayMs;
    const when = describeMs(delayMs);
    if (event === 'back-off') return { event, note: `; started again in ${when}` };
    return { event, note: event === 'crash-loop' ? `; ${rules.restartMax} failures in a row: tried again in ${when}` : '' };
  }

  /** Waits as long as the judgement says. */
  wait(onDue: () => void): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      onDue();
    }, this.delayMs);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** What comes next is no part of what was. */
  forget(): void {
    this.failures = 0;
  }
}
