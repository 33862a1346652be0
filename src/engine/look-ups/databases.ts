import type { Question } from '../../os/binding.js';
import { lookUp } from '../../os/names.js';
import { ShortMemory } from './short-memory.js';

const DEADLINE_MS = 5000;
/** How long a yes and a no are remembered. */
const YES_MS = 60_000;
const NO_MS = 5000;
const MOST_ANSWERS = 4096;

/** Whether accounts and netgroups know somebody: nsswitch.conf(5), asked off the loop. */
export class Databases {
  private readonly answers = new ShortMemory<boolean>(MOST_ANSWERS);

  /** undefined when it would have to be looked up. */
  atHand(question: Question): boolean | undefined {
    return this.answers.get(question.join('\0'));
  }

  /** What is not answered in time is not known. */
  async knows(question: Question): Promise<boolean> {
    const [answer] = await lookUp([question], DEADLINE_MS);
    const known = answer !== null;
    this.answers.set(question.join('\0'), known, known ? YES_MS : NO_MS);
    return known;
  }
}
