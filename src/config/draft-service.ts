import { findAttribute } from './attributes/table.js';
import { Findings } from './diagnostic.js';
import type { ServiceDraft } from './draft.js';
import type { Block } from './entries.js';
import { plainBlanks, splitWords } from './lex.js';
import { readBlock, type Settings } from './settings.js';

/**
 * Reads a service block on top of the defaults. What is wrong with a disabled one is told as warnings.
 *
 * @param enabledByOperator What operators have switched on or off by id, whatever the text says.
 * @param severity How what is wrong with one that is on is told.
 */
export function draftService(
  block: Block,
  defaults: Settings,
  inherited: Settings,
  enabledByOperator?: ReadonlyMap<string, boolean>,
  severity: 'muffled' | 'full' = 'full',
): ServiceDraft {
  const id = firstWord(block, 'id') ?? block.name;
  const isOn = enabledByOperator?.get(id);
  const disabled = isOn === undefined ? isDisabled(block, id, defaults) : !isOn;
  const findings = new Findings(disabled ? 'muffled' : severity);
  return { block, id, ...readBlock(block, inherited, findings), findings, disabled };
}

/** `disable` beats `disabled`, which beats `enabled`. There ids are compared without regard to case, as xinetd does. */
function isDisabled(block: Block, id: string, { enabled, disabled }: Settings): boolean {
  if (firstWord(block, 'disable')?.toLowerCase() === 'yes') return true;
  const isMeant = (one: string) => one.toLowerCase() === id.toLowerCase();
  return disabled?.value.some(isMeant) === true || enabled?.value.some(isMeant) === false;
}

/** What a block says about a plain attribute: its first line holds. */
function firstWord(block: Block, name: 'id' | 'disable'): string | undefined {
  for (const assignment of block.assignments) {
    if (findAttribute(assignment.name) === name && assignment.operator !== '-=')
      return splitWords(plainBlanks(assignment.value).text).words[0];
  }
  return undefined;
}
