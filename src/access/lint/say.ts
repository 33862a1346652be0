import type { RuleDiagnostic } from '../rule.js';

/** Says something about the rule at hand. */
export type Say = (severity: RuleDiagnostic['severity'], code: string, message: string) => void;
