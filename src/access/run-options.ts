import { type Bytes, toText } from './bytes.js';
import type { Effect } from './effect.js';
import type { Evaluation } from './evaluation.js';
import { expand, LONGEST_EXPANSION } from './expand.js';
import type { OptionAction } from './options.js';
import { type OptionStep, trimSpace } from './parse-options.js';

/** The outcome of the options of a matched rule. */
export type OptionsOutcome =
  | { readonly kind: 'allow' | 'deny' }
  | { readonly kind: 'twist'; readonly command: string }
  /** An impossible option, which refuses the client. */
  | { readonly kind: 'error'; readonly problem: string };

/** Runs the options of one decision and collects their effects, also those of a rule that a failed aclexec voids. */
export class OptionRun {
  readonly effects: Effect[] = [];
  /** Set by an aclexec that fails, cleared by one that succeeds; it lasts from the allow table into the deny table. */
  aclexecFailed = false;
  private commands = 0;

  constructor(private readonly evaluation: Evaluation) {}

  /** Runs the options in order until one decides; null when none does. */
  run(steps: readonly OptionStep[]): OptionsOutcome | null {
    for (const step of steps) {
      const outcome = step.ok ? this.act(step.action) : ({ kind: 'error', problem: toText(step.problem) } as const);
      if (outcome !== null) return outcome;
    }
    return null;
  }

  private act(action: OptionAction): OptionsOutcome | null {
    switch (action.kind) {
      case 'allow':
      case 'deny':
        return { kind: action.kind };
      case 'spawn':
      case 'twist':
      case 'aclexec':
        return this.withExpanded(action.command, (command) => this.actCommand(action.kind, toText(command)));
      case 'setenv':
        return this.withExpanded(action.assignment, (assignment) => this.setEnvironment(assignment));
      case 'rfc931':
        if (action.timeoutSeconds !== null) this.evaluation.setIdentTimeout(action.timeoutSeconds);
        void this.evaluation.user;
        return null;
      case 'user':
        return this.setUser(toText(action.user), action.group === null ? null : toText(action.group));
      case 'group':
        return this.setGroup(null, toText(action.group));
      case 'banners':
        return this.effect({ kind: 'banner', path: toText(`${action.directory}/${this.evaluation.daemon.text}`) });
      case 'keepalive':
        return this.effect({ kind: 'keepalive' });
      default:
        return this.effect(action);
    }
  }

  private withExpanded(text: Bytes, act: (expanded: Bytes) => OptionsOutcome | null): OptionsOutcome | null {
    const expanded = expand(text, this.evaluation);
    return expanded === null
      ? wrong(`the expansion of "${toText(text)}" is longer than ${LONGEST_EXPANSION} bytes`)
      : act(trimSpace(expanded));
  }

  private actCommand(kind: 'spawn' | 'twist' | 'aclexec', command: string): OptionsOutcome | null {
    if (kind === 'twist') return { kind: 'twist', command };
    if (kind === 'spawn') return this.effect({ kind: 'spawn', command });
    this.aclexecFailed = this.evaluation.fact({ fact: 'command', command, ordinal: this.commands }) !== 0;
    this.commands++;
    return null;
  }

  private setEnvironment(assignment: Bytes): OptionsOutcome | null {
    const [, name = '', value = ''] = /^([^ \t\r\n]*)[ \t\r\n]?(.*)$/s.exec(assignment) ?? [];
    const variable = trimSpace(name);
    if (variable === '' || variable.includes('=')) return wrong(`setenv needs a name, a blank and a value, found "${toText(assignment)}"`);
    return this.effect({ kind: 'setenv', name: toText(variable), value: toText(trimSpace(value)) });
  }

  private setUser(user: string, group: string | null): OptionsOutcome | null {
    if (!this.exists('user', user)) return wrong(`unknown user: "${user}"`);
    return this.setGroup(user, group);
  }

  private setGroup(user: string | null, group: string | null): OptionsOutcome | null {
    if (group !== null && !this.exists('group', group)) return wrong(`unknown group: "${group}"`);
    return this.effect({ kind: 'credentials', user, group });
  }

  private exists(database: 'user' | 'group', name: string): boolean {
    return name !== '' && this.evaluation.fact({ fact: 'account', database, name }) === true;
  }

  private effect(effect: Effect): null {
    this.effects.push(effect);
    return null;
  }
}

const wrong = (problem: string): OptionsOutcome => ({ kind: 'error', problem });
