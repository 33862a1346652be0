import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, firstLine } from '../harness/installed.mjs';
import { xinetdConf } from '../harness/xinetd-conf.mjs';

export const xinetd = {
  name: 'xinetd',
  canDeny: true,
  answersItself: true,
  registersRpc: true,
  canRedirect: true,
  manyServices: true,
  missing: () => (findProgram('xinetd') ? null : 'xinetd is not installed'),
  version: () => firstLine('xinetd', '-version'),
  command(setup) {
    const file = (name) => join(setup.directory, name);
    writeFileSync(file('xinetd.conf'), xinetdConf(setup));
    return ['xinetd', '-dontfork', '-f', file('xinetd.conf'), '-filelog', file('log'), '-pidfile', file('pid')];
  },
};
