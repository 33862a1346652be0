import { runLater } from '../guarded.js';
import type { NssAnswer, NssFailure, NssQuestion, NssResult } from './binding.js';
import { native } from './native.js';

const LATE: NssFailure = { kind: 'unanswered', errno: 110 };

/**
 * Asks the machine's databases (nsswitch.conf(5)) off the event loop. Each question is asked separately, so that one that hangs on a dead
 * server does not delay the others.
 *
 * @param deadlineMs A question without an answer by then gets a failure, ETIMEDOUT.
 * @returns Answers in the order of the questions. Does not reject for a missing answer.
 * @example await lookUp([['user', 'root']], 5000) // [{ kind: 'user', name: 'root', uid: 0, … }]
 */
export async function lookUp(questions: readonly NssQuestion[], deadlineMs: number): Promise<NssResult[]> {
  let expire: () => void = () => {};
  const expired = new Promise<NssFailure>((resolve) => {
    expire = () => resolve(LATE);
  });
  const timer = runLater(expire, deadlineMs);
  try {
    return await Promise.all(questions.map((question) => Promise.race([askOne(question), expired])));
  } finally {
    clearTimeout(timer);
  }
}

async function askOne(question: NssQuestion): Promise<NssResult> {
  const [answer] = await native().lookUp([question]);
  return answer ?? null;
}

/**
 * Whether the name exists, according to the answer.
 *
 * @example isKnown({ kind: 'unanswered', errno: 110 }) // false
 */
export function isKnown(result: NssResult | undefined): result is NssAnswer {
  return result !== null && result !== undefined && result.kind !== 'unanswered';
}
