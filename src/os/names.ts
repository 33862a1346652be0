import { runLater } from '../guarded.js';
import type { NssAnswer, NssQuestion } from './binding.js';
import { native } from './native.js';

/**
 * Asks the machine's databases (nsswitch.conf(5)) off the event loop. Each question is asked separately, so that one that hangs on a dead
 * server does not delay the others.
 *
 * @param deadlineMs A question without an answer by then gets null, like an unknown name.
 * @returns Answers in the order of the questions. Does not reject for a missing answer.
 * @example await lookUp([['user', 'root']], 5000) // [{ kind: 'user', name: 'root', uid: 0, … }]
 */
export async function lookUp(questions: readonly NssQuestion[], deadlineMs: number): Promise<(NssAnswer | null)[]> {
  let expire: () => void = () => {};
  const expired = new Promise<null>((resolve) => {
    expire = () => resolve(null);
  });
  const timer = runLater(expire, deadlineMs);
  try {
    return await Promise.all(questions.map((question) => Promise.race([askOne(question), expired])));
  } finally {
    clearTimeout(timer);
  }
}

async function askOne(question: NssQuestion): Promise<NssAnswer | null> {
  const [answer] = await native().lookUp([question]);
  return answer ?? null;
}
