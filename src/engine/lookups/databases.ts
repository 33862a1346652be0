import type { NssQuestion } from '../../os/binding.js';
import { isKnown, lookUp } from '../../os/names.js';
import { ExpiringCache } from './expiring-cache.js';

const DEADLINE_MS = 5000;
/** How long superd remembers a yes, and a no. */
const YES_MS = 60_000;
const NO_MS = 5000;
const MAX_ANSWERS = 4096;

/** Membership of accounts and netgroups, through nsswitch.conf(5), off the event loop. */
export class Databases {
  private readonly answers = new ExpiringCache<boolean>(MAX_ANSWERS);
  private readonly pending = new Map<string, Promise<boolean>>();

  /** undefined when superd has to look it up. */
  cached(question: NssQuestion): boolean | undefined {
    return this.answers.get(question.join('\0'));
  }

  /** false when there is no answer in time. Simultaneous equal questions are one look-up: the pool has few threads. */
  knows(question: NssQuestion): Promise<boolean> {
    const key = question.join('\0');
    const asking = this.pending.get(key) ?? this.ask(question, key).finally(() => this.pending.delete(key));
    this.pending.set(key, asking);
    return asking;
  }

  private async ask(question: NssQuestion, key: string): Promise<boolean> {
    const [answer] = await lookUp([question], DEADLINE_MS);
    const known = isKnown(answer);
    this.answers.set(key, known, known ? YES_MS : NO_MS);
    return known;
  }
}
