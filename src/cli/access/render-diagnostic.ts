import type { RuleDiagnostic } from '../../access/index.js';

/** `warning: hosts.allow, line 3: …`, as the original prints it; without a line when the whole file is meant. */
export function renderDiagnostic({ severity, path, line, message }: RuleDiagnostic): string {
  return `${severity}: ${line === 0 ? path : `${path}, line ${line}`}: ${message}\n`;
}
