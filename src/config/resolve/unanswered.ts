import { describeErrno } from '../../errors.js';
import type { NssQuestion } from '../../os/binding.js';
import type { Reporter } from '../diagnostic.js';
import type { NssFacts } from '../nss-facts.js';

/**
 * Reports a question that the name service has not answered; false when it has. A name that cannot be looked up now may exist.
 *
 * @param name The attribute that asks.
 */
export function reportUnanswered(report: Reporter, name: string, question: NssQuestion, facts: NssFacts): boolean {
  const failure = facts.failure(question);
  if (failure === null) return false;
  const [code, text] = describeErrno(failure.errno);
  report.error(
    'unanswered-name',
    `${name}: cannot look up ${question[1]} now: the name service has not answered: ${text} (${code}); superd asks again`,
  );
  return true;
}
