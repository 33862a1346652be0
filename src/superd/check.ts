import { configurationPath, loadConfiguration, renderDiagnostic } from './load-configuration.js';
import type { Options } from './options.js';

/** What `--check` prints, and the status it ends with. */
export interface CheckOutcome {
  readonly text: string;
  readonly exitCode: 0 | 100;
}

/** Reads the configuration and tells everything about it, without touching anything that runs. */
export async function check(options: Options): Promise<CheckOutcome> {
  const { report } = await loadConfiguration(configurationPath(options), options);
  const failed = report.diagnostics.some(({ severity }) => severity === 'error');
  const exitCode = failed ? 100 : 0;
  if (options.json) return { text: `${JSON.stringify(report, null, 2)}\n`, exitCode };
  const remarks = report.diagnostics.map((diagnostic) => `${renderDiagnostic(diagnostic)}\n`);
  return { text: `${remarks.join('')}${summary(report)}\n`, exitCode };
}

function summary({ services, diagnostics }: Awaited<ReturnType<typeof loadConfiguration>>['report']): string {
  const of = (status: string) => services.filter((service) => service.status === status).length;
  const many = (severity: string) => counted(diagnostics.filter((diagnostic) => diagnostic.severity === severity).length, severity);
  return (
    `${counted(of('accepted'), 'service')} accepted, ${of('disabled')} disabled, ${of('rejected')} rejected; ` +
    `${many('error')}, ${many('warning')}, ${many('note')}`
  );
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
