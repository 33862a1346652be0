import { inScope } from '../support/at-end.js';
import type { DaemonKind } from '../support/daemon.js';
import type { Transcript } from './compare.js';
import { linesOf, type Scenario } from './scenario.js';
import { take } from './steps.js';
import { World } from './world.js';

/** Plays a scenario with one of the two daemons. */
export function play(scenario: Scenario, kind: DaemonKind): Promise<Transcript> {
  return inScope(async () => {
    const world = await World.make(kind, scenario);
    const seen: (readonly string[])[] = [];
    for (const step of scenario.steps) {
      const { text } = step;
      world.recorded = linesOf(step, kind);
      try {
        seen.push(await take(world, text));
      } catch (error) {
        throw new Error(`${kind}: > ${text}: ${(error as Error).message}\n${world.account()}`, { cause: error });
      }
    }
    return seen;
  });
}
