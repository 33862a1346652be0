import type { Bytes } from './bytes.js';
import type { Break } from './lines.js';
import type { OptionStep } from './parse-options.js';
import type { ClientElement, DaemonElement, List } from './pattern.js';

/** One parsed rule of a table. */
export interface Rule {
  /** The last physical line of the rule, as libwrap counts. */
  readonly line: number;
  readonly firstLine: number;
  readonly daemons: List<DaemonElement>;
  readonly clients: List<ClientElement>;
  /** null without a third field. */
  readonly options: readonly OptionStep[] | null;
  /** Parses `clients` without keeping the result, for code that visits every rule once. */
  parseClients(): List<ClientElement>;
  /** The rule as written, its lines joined. */
  readonly text: Bytes;
}

/** A parsed table. */
export interface RuleTable {
  readonly path: string;
  readonly rules: readonly Rule[];
  /** Where reading ended early: from there on, a broken allow table matches nothing, and a broken deny table refuses. */
  readonly broken: (Omit<Break, 'problem'> & { readonly problem: Break['problem'] | 'unreadable' }) | null;
  readonly diagnostics: readonly RuleDiagnostic[];
}

/** A message to the author of a table. */
export interface RuleDiagnostic {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable, for programs; `docs/access.md` lists them. */
  readonly code: string;
  readonly path: string;
  /** 0 for the file as a whole. */
  readonly line: number;
  readonly message: string;
}
