import type { Origin } from '../errors.js';

/** `error`: superd rejects the service (or the entry). `warning`: accepted, but surely not as intended. `note`: superd reads this unlike xinetd, or it is worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** One message about a configuration, with its place. Line 0 means the file as a whole. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable, for programs; `docs/configuration-messages.md` lists them. */
  readonly code: DiagnosticCode;
  readonly path: string;
  readonly line: number;
  /** For people; the place is not part of it. */
  readonly message: string;
}

export const diagnosticCodes = [
  // Structure
  'unknown-keyword',
  'missing-name',
  'missing-open-brace',
  'missing-close-brace',
  'surplus-brace',
  'unexpected-brace',
  'text-after-brace',
  'block-without-header',
  'attribute-outside-block',
  'bad-operator',
  'missing-operator',
  'extra-words',
  'second-defaults',
  'include-failed',
  'include-loop',
  'include-skipped',
  'include-limit',
  'unsafe-file',
  'short-line',
  // Attributes
  'unknown-attribute',
  'wrong-place',
  'wrong-operator',
  'already-set',
  'value-count',
  'bad-value',
  'unknown-word',
  'missing-attribute',
  'contradiction',
  'without-effect',
  'no-shell',
  'duplicate-id',
  'unknown-daemon',
  'dependency-cycle',
  'init-script',
  'init-order',
  // The world
  'unanswered-name',
  'unknown-user',
  'unknown-group',
  'unknown-protocol',
  'unknown-service',
  'unknown-internal',
  'unknown-program',
  'port-differs',
  'unlisted-without-port',
  'server-not-executable',
  'limit-lowered',
  'server-cannot-start',
  'unresolved-name',
  'denies-everybody',
  'denies-nobody',
  'duplicate-endpoint',
  'unknown-id',
  // Liberties: text that xinetd reads otherwise or not at all
  'read-brace-on-line',
  'read-operator-without-blank',
  'read-comment',
  'read-crlf',
  'read-bom',
  'read-quotes',
  'read-comma',
  'read-blank',
  'read-relative',
  'read-inetd',
  'read-size',
  'read-overnight',
  'read-netmask',
  'read-prefix',
  'read-localhost',
  'read-late-defaults',
  'read-operator',
  'read-number',
  'read-argument-order',
  'read-rpc-port',
  'free-text-comment',
] as const;
export type DiagnosticCode = (typeof diagnosticCodes)[number];

/** About one service or file: a file of a million wrong lines must not take all memory. */
const MOST_MESSAGES = 1000;

/** What superd does with a mistake that xinetd forgives, see leniency.ts: takes it with a warning, or reports an error. */
export type Leniency = 'lenient' | 'strict';

/**
 * Collects the messages about one thing (a service, the defaults, a file) and remembers whether any is an error.
 *
 * @param muffled `muffled` for a service that is disabled anyway: errors count as warnings.
 */
export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  failed = false;

  constructor(
    private readonly muffled: 'muffled' | 'full' = 'full',
    readonly leniency: Leniency = 'lenient',
  ) {}

  /** @param name The attribute that begins every message. */
  at(origin: Origin, name = ''): Reporter {
    return new Reporter(this, origin, name === '' ? '' : `${name}: `);
  }

  add(severity: Severity, code: DiagnosticCode, origin: Origin, message: string): void {
    if (severity === 'error') this.failed = true;
    if (this.diagnostics.length >= MOST_MESSAGES) return;
    const shown = severity === 'error' && this.muffled === 'muffled' ? 'warning' : severity;
    this.diagnostics.push({ severity: shown, code, path: origin.path, line: origin.line, message: visible(message) });
  }
}

/** Reports messages about one place. */
export class Reporter {
  /** Whether a message through this reporter was an error. */
  failed = false;

  /** @param subject The beginning of every message, as `cps: `; may be empty. */
  constructor(
    private readonly findings: Findings,
    readonly origin: Origin,
    private readonly subject = '',
  ) {}

  get leniency(): Leniency {
    return this.findings.leniency;
  }

  error(code: DiagnosticCode, message: string): void {
    this.failed = true;
    this.findings.add('error', code, this.origin, this.subject + message);
  }

  warning(code: DiagnosticCode, message: string): void {
    this.findings.add('warning', code, this.origin, this.subject + message);
  }

  note(code: DiagnosticCode, message: string): void {
    this.findings.add('note', code, this.origin, this.subject + message);
  }
}

/**
 * A diagnostic as one line for people.
 *
 * @example formatDiagnostic({ severity: 'error', code: 'bad-value', path: 'x', line: 3, message: 'm' }) // 'x:3: error: m'
 */
export function formatDiagnostic({ severity, path, line, message }: Diagnostic): string {
  return `${path}:${line}: ${severity}: ${message}`;
}

/** The text in double quotes for a message, cut after 60 characters. */
export function quote(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 59)}…` : text}"`;
}

/** Escapes control characters: a file must not control the terminal of its reader. */
function visible(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
