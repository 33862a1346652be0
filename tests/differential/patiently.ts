import { waitFor } from '../support/wait-for.js';
import type { Request } from './steps.js';
import type { World } from './world.js';

/** Waits for a condition. With `within 2` what did not happen in that many seconds is seen as such; without it, it is a failure. */
export async function patiently(request: Request, what: string, world: World, condition: () => boolean | Promise<boolean>): Promise<void> {
  const seconds = request.options.get('within');
  const patience = seconds === undefined ? {} : { timeoutMs: Number(seconds) * 1_000 };
  const waiting = waitFor(what, condition, { evidence: () => world.account(), ...patience });
  await (seconds === undefined ? waiting : waiting.catch(() => undefined));
}
