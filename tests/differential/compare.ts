import type { Line, Scenario, Step } from './scenario.js';

/** What a daemon made of a scenario: for each step the lines that were seen. */
export type Transcript = readonly (readonly string[])[];

/**
 * The scenario with what was seen now. A step in which the daemons differ keeps the keys that it has, or gets `?`, which names no difference;
 * one in which they agree loses them.
 */
export function record(scenario: Scenario, xinetd: Transcript, superd: Transcript): Scenario {
  const steps = scenario.steps.map((step, i): Step => {
    const lines = [...align(xinetd[i] ?? [], superd[i] ?? [])];
    const differs = lines.some(({ of }) => of !== ' ');
    return { text: step.text, keys: differs ? (step.keys.length > 0 ? step.keys : ['?']) : [], lines };
  });
  return { ...scenario, steps };
}

/** Both as one: the longest common sequence of lines, and between them what one of the two alone has. */
function* align(theirs: readonly string[], ours: readonly string[]): Generator<Line> {
  const common = commonLengths(theirs, ours);
  let [i, j] = [0, 0];
  while (i < theirs.length || j < ours.length) {
    if (i < theirs.length && j < ours.length && theirs[i] === ours[j]) {
      yield { of: ' ', text: theirs[i++] as string };
      j++;
    } else if (i < theirs.length && (j === ours.length || common[i + 1]![j]! >= common[i]![j + 1]!)) {
      yield { of: '-', text: theirs[i++] as string };
    } else yield { of: '+', text: ours[j++] as string };
  }
}

/** [i][j]: how many lines are common behind i in one and j in the other. */
function commonLengths(one: readonly string[], other: readonly string[]): number[][] {
  const lengths = Array.from({ length: one.length + 1 }, () => new Array<number>(other.length + 1).fill(0));
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--)
      lengths[i]![j] = one[i] === other[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  return lengths;
}
