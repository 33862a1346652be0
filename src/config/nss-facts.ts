import type { NssAnswer, NssFailure, NssQuestion, NssResult } from '../os/binding.js';

type NssKind = NssAnswer['kind'];
type AnswerOf<K extends NssKind> = Extract<NssAnswer, { kind: K }>;

/** Answers questions in batches, in their order. */
export type NssLookUp = (questions: readonly NssQuestion[]) => Promise<readonly NssResult[]>;

/**
 * Answers from the machine's databases (passwd, group, services, protocols, networks, hosts). Every question is asked once, however many
 * services need it.
 */
export class NssFacts {
  private readonly answers = new Map<string, NssResult>();

  /** Asks all new questions in one batch. */
  async learn(questions: Iterable<NssQuestion>, lookUp: NssLookUp): Promise<void> {
    const asked = new Map<string, NssQuestion>();
    for (const question of questions) {
      const key = question.join('\0');
      if (!this.answers.has(key)) asked.set(key, question);
    }
    if (asked.size === 0) return;
    const answers = await lookUp([...asked.values()]);
    for (const [i, key] of [...asked.keys()].entries()) this.answers.set(key, answers[i] ?? null);
  }

  /** Why the answer to a question is not known; null when it is. */
  failure(question: NssQuestion): NssFailure | null {
    const result = this.answers.get(question.join('\0'));
    return result?.kind === 'unanswered' ? result : null;
  }

  /** Whether the machine has an answer to a question; false when it was never asked. */
  knows(question: NssQuestion): boolean {
    const result = this.answers.get(question.join('\0')) ?? null;
    return result !== null && result.kind !== 'unanswered';
  }

  user = (nameOrUid: string | number) => this.get('user', nameOrUid);
  group = (nameOrGid: string | number) => this.get('group', nameOrGid);
  groupsOf = (name: string, gid: number) => this.get('groups-of-user', name, gid);
  service = (name: string, protocol: string) => this.get('service', name, protocol);
  protocol = (name: string) => this.get('protocol', name);
  rpc = (name: string) => this.get('rpc', name);
  network = (name: string) => this.get('network', name);
  addresses = (host: string) => this.get('addresses', host);

  private get<K extends NssKind>(kind: K, ...subject: (string | number)[]): AnswerOf<K> | null {
    const answer = this.answers.get([kind, ...subject].join('\0'));
    return answer?.kind === kind ? (answer as AnswerOf<K>) : null;
  }
}
