import type { Bytes } from './bytes.js';
import type { Diagnostic, Rule } from './rule.js';

export function lintRule(_rule: Rule, _report: (severity: Diagnostic['severity'], code: string, message: Bytes) => void): void {}
