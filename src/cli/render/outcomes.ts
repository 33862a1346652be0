import type { CommandOutcome } from '../../control/shared-schemas.js';

/** A line of standard error for each service that failed to obey a command, and the exit status. */
export function renderOutcomes(verb: string, units: readonly CommandOutcome[]): { readonly errors: string; readonly exitCode: number } {
  const failed = units.filter(({ error }) => error !== null);
  return {
    errors: failed.map(({ id, error }) => `superctl: ${verb} ${id}: ${error}\n`).join(''),
    exitCode: failed.length === 0 ? 0 : 1,
  };
}
