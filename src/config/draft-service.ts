import { findAttribute } from './attributes/table.js';
import { Findings } from './diagnostic.js';
import type { ServiceDraft } from './draft.js';
import type { Block } from './entries.js';
import { plainBlanks, splitWords } from './lex.js';
import { readBlock, type Settings } from './settings.js';

/**
 * Reads a service block on top of the defaults. Mistakes in a disabled service are warnings.
 *
 * @param enabledByOperator Services that operators have enabled (true) or disabled by id; overrides the text.
 * @param severity The findings of an enabled service.
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

/** `disable` overrides `disabled`, which overrides `enabled`. These two compare ids without regard to case, as xinetd does. */
function isDisabled(block: Block, id: string, { enabled, disabled }: Settings): boolean {
  if (firstWord(block, 'disable')?.toLowerCase() === 'yes') return true;
  const isSame = (one: string) => one.toLowerCase() === id.toLowerCase();
  return disabled?.value.some(isSame) === true || enabled?.value.some(isSame) === false;
}

/** The first word of a plain attribute; the first line counts. */
function firstWord(block: Block, name: 'id' | 'disable'): string | undefined {
  for (const assignment of block.assignments) {
    if (findAttribute(assignment.name) === name && assignment.operator !== '-=')
      return splitWords(plainBlanks(assignment.value).text).words[0];
  }
  return undefined;
}
