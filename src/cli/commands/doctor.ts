import { defineCommand, type JsonFlag, jsonFlag } from '../command.js';
import { renderExamination } from '../render/doctor.js';
import { waiting } from '../waiting.js';

interface DoctorFlags extends JsonFlag {
  readonly config?: string;
  readonly pidfile?: string;
  readonly state?: string;
}

export const doctor = defineCommand<DoctorFlags>({
  summary: 'Look for the usual trouble, and tell how it is mended',
  description:
    'Looks at the configuration in the files, at this machine, and at the superd that runs, if one does: ports that others have, servers that cannot be executed, ' +
    'users that nobody knows, rules that never match, an rpcbind that does not answer, limits, log files, the state directory, pidfiles and the clock. ' +
    'Changes nothing. Ends with 1 when it has found an error or a warning. Only root can see everything.',
  flags: {
    json: jsonFlag,
    config: { kind: 'parsed', parse: String, optional: true, brief: 'Look at this configuration file', placeholder: 'file' },
    pidfile: { kind: 'parsed', parse: String, optional: true, brief: 'The pidfile of superd', placeholder: 'file' },
    state: { kind: 'parsed', parse: String, optional: true, brief: 'The state directory of superd', placeholder: 'directory' },
  },
  aliases: { j: 'json' },
  words: null,
  async run(session, { json, config, pidfile, state }) {
    const { examine } = await import('../doctor/examine.js');
    const wanted = { config: config ?? null, pidfile: pidfile ?? null, state: state ?? null };
    const examination = await waiting(session, 'looking', examine(session.control, wanted));
    const { text, exitCode } = renderExamination(examination, session.look);
    if (examination.pid === null) session.tell('superctl: no superd answers; what is told holds for its next start\n');
    await session.print(json ? `${JSON.stringify(examination, null, 2)}\n` : text);
    return exitCode;
  },
});
