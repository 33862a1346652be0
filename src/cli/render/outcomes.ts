import type { CommandOutcome } from '../../control/shared-schemas.js';

/** What became of a command to services: nothing where all went well; a line for each that could not do it, on standard error. */
export function renderOutcomes(verb: string, units: readonly CommandOutcome[]): { readonly errors: string; readonly exitCode: number } {
  const failed = units.filter(({ error }) => error !== null);
  return {
    errors: failed.map(({ id, error }) => `superctl: ${verb} ${id}: ${error}\n`).join(''),
    exitCode: failed.length === 0 ? 0 : 1,
  };
}
