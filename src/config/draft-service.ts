import { findAttribute } from './attributes/table.js';
import { Findings, type Leniency } from './diagnostic.js';
import type { ServiceDraft } from './draft.js';
import type { Block } from './entries.js';
import { plainBlanks, splitWords } from './lex.js';
import { readBlock, type Settings } from './settings.js';

/** The context in which superd reads every block of a configuration. */
export interface DraftContext {
  readonly defaults: Settings;
  /** What services inherit from `defaults`. */
  readonly inherited: Settings;
  readonly leniency: Leniency;
  /** Services that operators have enabled (true) or disabled by id; overrides the text. */
  readonly enabledByOperator?: ReadonlyMap<string, boolean> | undefined;
}

/**
 * Reads a service block on top of the defaults. Mistakes in a disabled service are warnings.
 *
 * @param severity The findings of an enabled service.
 */
export function draftService(block: Block, context: DraftContext, severity: 'muffled' | 'full' = 'full'): ServiceDraft {
  const { defaults, inherited, leniency, enabledByOperator } = context;
  const id = idOf(block) ?? block.name;
  const isOn = enabledByOperator?.get(id);
  const disabled = isOn === undefined ? isDisabled(block, id, defaults) : !isOn;
  const findings = new Findings(disabled ? 'muffled' : severity, leniency);
  return { block, id, ...readBlock(block, inherited, findings), findings, disabled };
}

/** `disable` overrides `disabled`, which overrides `enabled`. These two compare ids without regard to case, as xinetd does. */
function isDisabled(block: Block, id: string, { enabled, disabled }: Settings): boolean {
  if (wordsOf(block, 'disable')?.[0]?.toLowerCase() === 'yes') return true;
  const isSame = (one: string) => one.toLowerCase() === id.toLowerCase();
  return disabled?.value.some(isSame) === true || enabled?.value.some(isSame) === false;
}

/** As xinetd, superd ignores an `id` of several words. */
function idOf(block: Block): string | undefined {
  const words = wordsOf(block, 'id');
  return words?.length === 1 ? words[0] : undefined;
}

/** The words of a plain attribute; the first line with a value counts. */
function wordsOf(block: Block, name: 'id' | 'disable'): readonly string[] | undefined {
  for (const assignment of block.assignments) {
    if (findAttribute(assignment.name) !== name || assignment.operator === '-=') continue;
    const { words } = splitWords(plainBlanks(assignment.value).text);
    if (words.length > 0) return words;
  }
  return undefined;
}
