import type { Diagnostic } from '../rule.js';

/** Says something about the rule at hand. */
export type Say = (severity: Diagnostic['severity'], code: string, message: string) => void;
