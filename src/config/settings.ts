import type { Origin } from '../errors.js';
import type { Attribute } from './attributes/attribute.js';
import { type AttributeName, attributeNamed, attributes, findAttribute, spellings, type table, type Value } from './attributes/table.js';
import { type Findings, quote, type Reporter } from './diagnostic.js';
import type { Assignment, Block } from './entries.js';
import { foreignAdvice } from './foreign-words.js';
import { take, wordsMeant } from './leniency.js';
import { noteComment, plainBlanks, splitArguments, splitBlanks, splitCommas, splitWords } from './lex.js';
import { suggest } from './suggest.js';

/** A value and its line (the last, where several add up). */
export interface Setting<V> {
  readonly value: V;
  readonly origin: Origin;
  readonly inherited: boolean;
}

/** The value of each attribute of a block, after its operators and inheritance. */
export type Settings = { readonly [N in AttributeName]?: Setting<Value<N>> | undefined };
type Draft = { [N in AttributeName]?: Setting<unknown> | undefined };

export interface ReadBlock {
  readonly settings: Settings;
  /** The attributes that the block writes, right or wrong: none of these is missing. */
  readonly attempted: ReadonlySet<AttributeName>;
}

/**
 * Reads the attribute lines of a block on top of the inherited settings.
 *
 * @param inherited For a service the result of `inheritable`; for a defaults block those read before it.
 */
export function readBlock(block: Block, inherited: Settings, findings: Findings): ReadBlock {
  const draft: Draft = { ...inherited };
  const context: SettingContext = { block, quotes: quotesCount(block, inherited) };
  const attempted = new Set<AttributeName>();
  for (const assignment of block.assignments) {
    const name = findAttribute(assignment.name);
    if (name === undefined) unknown(assignment, findings.at(assignment.origin));
    else if (placeIsRight(block, name, assignment, findings)) {
      if (assign(draft, name, assignment, context, findings.at(assignment.origin, assignment.name)) === 'read') attempted.add(name);
    }
  }
  return { settings: draft as Settings, attempted };
}

/** The settings that services inherit, built once for all of them. Every name is present, so that all have one shape, which V8 reads fast. */
export function inheritable(defaults: Settings): Settings {
  const draft: Draft = {};
  for (const [name, { where }] of attributes) {
    const setting = where === 'defaults' ? undefined : defaults[name];
    draft[name] = setting === undefined ? undefined : { value: setting.value, origin: setting.origin, inherited: true };
  }
  return draft as Settings;
}

function unknown({ name, value }: Assignment, report: Reporter): void {
  const foreign = foreignAdvice(name);
  if (foreign !== null) {
    report.warning('unknown-attribute', `unknown attribute ${quote(name)}: ${foreign}. The line is ignored`);
    return;
  }
  const near = suggest(name, spellings);
  const nearAttribute = near === null ? undefined : findAttribute(near);
  const guards = nearAttribute !== undefined && attributeNamed(nearAttribute).guards === true;
  const message = `unknown attribute ${quote(name)}${near === null ? '.' : `; did you mean ${near}?`}`;
  if (guards) report.error('unknown-attribute', `${message} Without it the service would admit more clients than intended`);
  else report.warning('unknown-attribute', `${message} The line is ignored${value === '' ? '' : `: ${quote(value)}`}`);
}

function placeIsRight(block: Block, name: AttributeName, { origin }: Assignment, findings: Findings): boolean {
  const attribute = attributeNamed(name);
  if (attribute.where === 'both' || attribute.where === block.kind) return true;
  const report = findings.at(origin);
  if (block.kind === 'defaults')
    report.warning('wrong-place', `${name} does not belong in defaults and is ignored; write it in each service`);
  else report.warning('wrong-place', `${name} belongs in defaults and is ignored here`);
  return false;
}

function quotesCount(block: Block, inherited: Settings): boolean {
  for (const { name, value } of block.assignments) {
    if (findAttribute(name) === 'server_args_quotes') return !/^no\b/i.test(value);
  }
  return inherited.server_args_quotes?.value ?? true;
}

interface SettingContext {
  readonly block: Block;
  readonly quotes: boolean;
}

/** @returns `ignored` when the line has no effect on the block. */
function assign(draft: Draft, name: AttributeName, assignment: Assignment, context: SettingContext, report: Reporter): 'read' | 'ignored' {
  const attribute = attributeNamed(name);
  const { combine } = attribute;
  const set = (value: unknown) => {
    draft[name] = { value, origin: assignment.origin, inherited: false };
  };
  const before = draft[name];
  if (assignment.isDoubled === true) noteDoubled(assignment, report);
  if (combine === undefined) {
    if (before !== undefined && !before.inherited) {
      const elsewhere = before.origin.path === assignment.origin.path ? '' : ` of ${before.origin.path}`;
      report.warning('already-set', `already set on line ${before.origin.line}${elsewhere}; the first counts and this line is ignored`);
      return 'ignored';
    }
    if (assignment.operator === '-=') {
      report.warning('wrong-operator', '-= is for lists only; the line is ignored');
      return 'ignored';
    }
    if (assignment.operator === '+=')
      report.warning('wrong-operator', '+= is for lists only; superd reads it as =, xinetd ignores the line');
  }
  const value = parseValue(attribute, assignment, context, before, report);
  if (value === null) return report.failed ? 'read' : 'ignored';
  // In defaults `=` adds, as in xinetd: every file may have its own defaults block.
  const operator = context.block.kind === 'defaults' && assignment.operator === '=' ? '+=' : assignment.operator;
  if (operator === '-=' && combine !== undefined && combine.remove === undefined) {
    report.error('wrong-operator', `-= is not possible with ${name}; write = and the whole value`);
    return 'read';
  }
  if (operator === '=' || combine === undefined) set(value);
  else if (before === undefined) set(operator === '+=' ? value : combine.remove?.(value, value));
  else set(operator === '+=' ? combine.add(before.value, value) : combine.remove?.(before.value, value));
  return 'read';
}

function noteDoubled({ name, operator }: Assignment, report: Reporter): void {
  take(null, report, 'bad-operator', `unknown operator "${operator}="; wanted =, += or -=`, `superd reads it as "${name} ${operator}"`);
}

/** null after a report: an error, or that superd ignores the line. */
function parseValue(
  attribute: Attribute<unknown>,
  assignment: Assignment,
  context: SettingContext,
  before: Setting<unknown> | undefined,
  report: Reporter,
): unknown {
  const words = split(attribute, assignment, context, report);
  const [min, max] = attribute.count;
  const fits = words.length >= min && words.length <= max;
  const meant = fits ? words : wordsMeant(attribute, words, report, () => appliesInstead(attribute, before));
  return meant === null ? null : attribute.parse(meant, report);
}

/** For a message: the value without the line. */
function appliesInstead({ name, initial, format }: Attribute<unknown>, before: Setting<unknown> | undefined): string {
  if (before !== undefined) return `${name} is ${format(before.value)}, as in ${before.inherited ? 'defaults' : 'the line above'}`;
  return initial === null ? `${name} is not set` : `${name} is ${format(initial)}, the default`;
}

function split(attribute: Attribute<unknown>, assignment: Assignment, context: SettingContext, report: Reporter): readonly string[] {
  if (attribute.text === 'arguments') return splitFreeText(attribute, assignment.value, context, report);
  const { text, odd } = plainBlanks(assignment.value);
  const { words, comment } = splitWords(text);
  if (comment !== null) noteComment(comment, report, effectOfComment(attribute));
  else if (odd.length > 0) report.warning('read-blank', `${odd.join(', ')} is read as a blank; xinetd reads it as part of the value`);
  if (attribute.text === 'words') return words;
  const list = splitCommas(words);
  if (list.commas) report.note('read-comma', 'commas between values are read as blanks; xinetd rejects them');
  return list.words;
}

/** How xinetd reads words after a value. */
function effectOfComment(attribute: Attribute<unknown>): string {
  return attribute.count[1] === Infinity ? 'reads its words as values' : 'counts too many values and ignores the line';
}

function splitFreeText(
  attribute: Attribute<unknown>,
  value: string,
  { quotes, block }: SettingContext,
  report: Reporter,
): readonly string[] {
  const { odd } = plainBlanks(value);
  if (odd.length > 0)
    report.note('read-blank', `${odd.join(', ')} looks like a blank but goes to the program as a character, as with xinetd`);
  if (!quotes) return splitBlanks(value);
  const { words, quoted, unclosed } = splitArguments(value);
  if (quoted && isForXinetd(block, attribute))
    report.note(
      'read-quotes',
      'quotes hold words together; xinetd passes them to the program as characters ("server_args_quotes = no" does the same)',
    );
  if (unclosed !== null) report.warning('read-quotes', `the quote in ${quote(unclosed)} is never closed and is an ordinary character`);
  const comment = words.find((word) => word === '#' || word === '//');
  if (comment !== undefined && attribute.combine === undefined)
    report.note(
      'free-text-comment',
      `all words from ${quote(comment)} on go to the program, as with xinetd; write a comment on a line of its own`,
    );
  return words;
}

/** How xinetd reads a line matters only where xinetd could run the service. */
function isForXinetd({ dialect, assignments }: Block, attribute: Attribute<unknown>): boolean {
  const resident = assignments.some(({ name, value }) => findAttribute(name) === 'activation' && /^boot\b/i.test(value));
  return dialect === 'xinetd' && attribute.extension !== true && !resident;
}

type Initial<N extends AttributeName> = (typeof table)[N]['initial'];

/** The value in force: what is written or inherited, otherwise the initial one. */
export function effective<N extends AttributeName>(settings: Settings, name: N): Value<N> | Initial<N> {
  const written = settings[name] as Setting<Value<N>> | undefined;
  return written === undefined ? (attributeNamed(name).initial as Initial<N>) : written.value;
}

/** Resolves `./name` against the directory of the configuration file that contains it. */
export function besideItsFile({ value, origin }: Pick<Setting<string>, 'value' | 'origin'>): string {
  return value.startsWith('./') ? `${origin.path.slice(0, origin.path.lastIndexOf('/') + 1)}${value.slice(2)}` : value;
}
