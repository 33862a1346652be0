import type { Diagnostic } from '../config/diagnostic.js';
import { type RuleRemark, ruleRemarks } from '../engine/lookups/rule-remarks.js';
import { printable } from '../report/printable.js';
import { configurationPath, loadConfiguration, renderDiagnostic } from './load-configuration.js';
import type { Options } from './options.js';

type Remark = Diagnostic | RuleRemark;

/** The output and the exit status of `--check`. */
export interface CheckOutcome {
  readonly text: string;
  readonly exitCode: 0 | 100;
}

/** Reads the configuration and reports every mistake. Touches no running superd. */
export async function check(options: Options): Promise<CheckOutcome> {
  const { plan, report: read } = await loadConfiguration(configurationPath(options), options);
  const report = { ...read, diagnostics: [...read.diagnostics, ...ruleRemarks(plan)] };
  const failed = report.diagnostics.some(({ severity }) => severity === 'error');
  const exitCode = failed ? 100 : 0;
  if (options.json) return { text: printable(`${JSON.stringify(report, null, 2)}\n`), exitCode };
  const lines = report.diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`);
  return { text: printable(`${lines.join('')}${summary(report)}\n`), exitCode };
}

type Report = Awaited<ReturnType<typeof loadConfiguration>>['report'];

function summary({ services, diagnostics }: Pick<Report, 'services'> & { readonly diagnostics: readonly Remark[] }): string {
  const withStatus = (status: string) => services.filter((service) => service.status === status).length;
  const withSeverity = (severity: string) => counted(diagnostics.filter((diagnostic) => diagnostic.severity === severity).length, severity);
  return (
    `${counted(withStatus('accepted'), 'service')} accepted, ${withStatus('disabled')} disabled, ${withStatus('rejected')} rejected; ` +
    `${withSeverity('error')}, ${withSeverity('warning')}, ${withSeverity('note')}`
  );
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
