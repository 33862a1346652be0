import { defineCommand, type JsonFlag, jsonFlag, jsonText, valueFlag } from '../command.js';
import { withProgress } from '../progress.js';
import { renderReport } from '../render/doctor.js';

interface DoctorFlags extends JsonFlag {
  readonly config?: string;
  readonly pidfile?: string;
  readonly state?: string;
}

export const doctor = defineCommand<DoctorFlags>({
  summary: 'Look for common problems and suggest fixes',
  description:
    'Examines the configuration files, this machine and the running superd, if there is one: occupied ports, servers that cannot be executed, ' +
    'unknown users, rules that never match, a silent rpcbind, limits, log files, the state directory, pidfiles and the clock. ' +
    'Changes nothing. Exits with 1 when it finds an error or a warning. Run it as root: other users cannot see everything.',
  flags: {
    json: jsonFlag,
    config: valueFlag('Examine this configuration file', 'file'),
    pidfile: valueFlag('The pidfile of superd', 'file'),
    state: valueFlag('The state directory of superd', 'directory'),
  },
  arguments: [],
  async run(context, { json, config, pidfile, state }) {
    const { examine } = await import('../doctor/examine.js');
    const overrides = { config: config ?? null, pidfile: pidfile ?? null, state: state ?? null };
    const report = await withProgress(context, 'examining', examine(context.control, overrides));
    const { text, exitCode } = renderReport(report, context.style);
    if (report.pid === null) context.note('superctl: no superd answers; the findings apply to its next start\n');
    await context.print(json ? jsonText(report) : text);
    return exitCode;
  },
});
