import type { Unit } from '../engine/unit.js';
import { resolveServices } from './resolve-services.js';
import type { Infer } from './schema.js';
import type { CommandOutcome, commandParams, commandResult } from './shared-schemas.js';
import type { Call } from './verb.js';

/**
 * Has several services do the same, all at once; what one of them cannot is told with it and spoils nothing for the others.
 *
 * @throws UnknownService before anything is done.
 */
export async function commandUnits(
  { services, wait }: Infer<typeof commandParams>,
  { daemon }: Call,
  command: (unit: Unit) => Promise<void>,
): Promise<Infer<typeof commandResult>> {
  const units = resolveServices(daemon.engine.units(), services);
  const outcomes = units.map((unit) => outcomeOf(unit, command));
  if (wait === false) return { units: units.map(({ id, state }) => ({ id, state, error: null })) };
  return { units: await Promise.all(outcomes) };
}

/** What became of it; never rejects. */
export async function outcomeOf(unit: Unit, command: (unit: Unit) => Promise<void>): Promise<CommandOutcome> {
  try {
    await command(unit);
    return { id: unit.id, state: unit.state, error: null };
  } catch (error) {
    return { id: unit.id, state: unit.state, error: (error as Error).message };
  }
}
