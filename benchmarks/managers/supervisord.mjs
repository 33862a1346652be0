import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, firstLine } from '../harness/installed.mjs';

/** startsecs=0: a daemon counts as running as soon as it is started, so no restart is delayed. */
const block = (program, index) => `[program:d${index}]\ncommand=${program}\nstartsecs=0\nautorestart=true\n`;

export const supervisord = {
  name: 'supervisord',
  missing: () => (findProgram('supervisord') ? null : 'supervisord is not installed (package supervisor)'),
  version: () => firstLine('supervisord', '--version'),
  command({ directory, program, count }) {
    const file = (name) => join(directory, name);
    const own = `[supervisord]\nnodaemon=true\nlogfile=${file('log')}\npidfile=${file('pid')}\nchildlogdir=${directory}\n`;
    writeFileSync(file('supervisord.conf'), own + Array.from({ length: count }, (_, index) => block(program, index)).join(''));
    return ['supervisord', '-c', file('supervisord.conf')];
  },
};
