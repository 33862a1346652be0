import type { Bytes } from './bytes.js';
import type { Break } from './lines.js';
import type { OptionStep } from './parse-options.js';
import type { ClientElement, DaemonElement, List } from './pattern.js';

/** One rule of a table, understood. */
export interface Rule {
  /** The last physical line of the rule, as libwrap counts. */
  readonly line: number;
  readonly firstLine: number;
  readonly daemons: List<DaemonElement>;
  readonly clients: List<ClientElement>;
  /** null when there is no third field. */
  readonly options: readonly OptionStep[] | null;
  /** `clients` read once more, so that who looks at all rules once keeps nothing of them. */
  freshClients(): List<ClientElement>;
  /** The rule as it stands in the file, its lines joined. */
  readonly text: Bytes;
}

/** What a table is, or why it is none. */
export interface RuleTable {
  readonly path: string;
  readonly rules: readonly Rule[];
  /** Where reading ended early: a broken allow table counts as not matched from there on, a broken deny table refuses. */
  readonly broken: (Omit<Break, 'problem'> & { readonly problem: Break['problem'] | 'unreadable' }) | null;
  readonly diagnostics: readonly RuleDiagnostic[];
}

/** Something about a table that its author should know. */
export interface RuleDiagnostic {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable, for programs; `docs/access.md` lists them. */
  readonly code: string;
  readonly path: string;
  /** 0 is the file as a whole. */
  readonly line: number;
  readonly message: string;
}
