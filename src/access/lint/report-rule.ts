import type { RuleDiagnostic } from '../rule.js';

/** Reports a problem with the current rule. */
export type ReportRule = (severity: RuleDiagnostic['severity'], code: string, message: string) => void;
