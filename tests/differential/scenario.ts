import type { DaemonKind } from '../support/daemon.js';

/** One step of a scenario file: the action, the known differences, and the result of each daemon. */
export interface Step {
  readonly text: string;
  /** Keys of docs/differences-from-xinetd.md. */
  readonly keys: readonly string[];
  readonly lines: readonly Line[];
}

/** A line that xinetd alone (-), superd alone (+) or both ( ) are seen to give. */
export interface Line {
  readonly of: ' ' | '-' | '+';
  readonly text: string;
}

/** A part between two rules: `---------- file greeting` has the kind `file` and the name `greeting`. */
export interface Part {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

export interface Scenario {
  /** What it is about, for a reader. */
  readonly prose: string;
  readonly parts: readonly Part[];
  readonly steps: readonly Step[];
}

const RULE = /^-{10} ?(\w+)? ?(.*)\n/m;

/**
 * Reads a scenario: prose, parts that begin with a rule of ten dashes, and at last the part `steps`.
 *
 * @example readScenario('Says hello.\n---------- config\n…\n---------- steps\n> ask\n  "hello", end\n').steps[0].text // 'ask'
 */
export function readScenario(text: string): Scenario {
  const [prose = '', ...rest] = text.split(RULE);
  const parts: Part[] = [];
  for (let i = 0; i < rest.length; i += 3) parts.push({ kind: rest[i] ?? '', name: rest[i + 1] ?? '', text: rest[i + 2] ?? '' });
  const steps = parts.pop();
  if (steps?.kind !== 'steps') throw new Error('a scenario ends with the part «---------- steps»');
  return { prose, parts, steps: readSteps(steps.text) };
}

/** The text of a scenario again. */
export function writeScenario({ prose, parts, steps }: Scenario): string {
  const written = parts.map(({ kind, name, text }) => `---------- ${`${kind} ${name}`.trim()}\n${text}`);
  return `${prose}${written.join('')}---------- steps\n${steps.map(writeStep).join('')}`;
}

export function writeStep({ text, keys, lines }: Step): string {
  const differs = keys.length === 0 ? '' : `~ ${keys.join(', ')}\n`;
  return `> ${text}\n${differs}${lines.map(({ of, text: line }) => `${`${of} ${line}`.trimEnd()}\n`).join('')}`;
}

/** What one of the two daemons is recorded to make of a step. */
export function linesOf(step: Step, kind: DaemonKind): string[] {
  const other = kind === 'xinetd' ? '+' : '-';
  return step.lines.filter(({ of }) => of !== other).map(({ text }) => text);
}

function readSteps(text: string): Step[] {
  const steps: { text: string; keys: string[]; lines: Line[] }[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const rest = line.slice(2);
    const mark = line[0];
    const step = steps.at(-1);
    if (mark === '>') steps.push({ text: rest, keys: [], lines: [] });
    else if (step !== undefined && mark === '~') step.keys.push(...rest.split(/,\s*/));
    else if (step !== undefined && (mark === ' ' || mark === '-' || mark === '+')) step.lines.push({ of: mark, text: rest });
    else throw new Error(`a line of steps begins with «> », «~ », «  », «- » or «+ »; found ${JSON.stringify(line)}`);
  }
  return steps;
}
