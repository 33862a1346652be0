import type { Unit } from '../engine/unit.js';
import { resolveServices } from './resolve-services.js';
import type { Infer } from './schema.js';
import type { CommandOutcome, commandParams, commandResult } from './shared-schemas.js';
import type { Call } from './verb.js';

/**
 * Runs a command on several services at once. One that fails does not stop the others: its outcome has the error.
 *
 * @throws UnknownService before any command starts.
 */
export async function commandUnits(
  { services, wait }: Infer<typeof commandParams>,
  { daemon }: Call,
  command: (unit: Unit) => Promise<void>,
): Promise<Infer<typeof commandResult>> {
  const units = resolveServices(daemon.engine.units(), services);
  const outcomes = units.map((unit) => runCommand(unit, command));
  if (wait === false) return { units: units.map(({ id, state }) => ({ id, state, error: null })) };
  return { units: await Promise.all(outcomes) };
}

/** Never rejects: an error is part of the outcome. */
export async function runCommand(unit: Unit, command: (unit: Unit) => Promise<void>): Promise<CommandOutcome> {
  try {
    await command(unit);
    return { id: unit.id, state: unit.state, error: null };
  } catch (error) {
    return { id: unit.id, state: unit.state, error: (error as Error).message };
  }
}
