import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine } from '../harness/installed.mjs';
import { xinetdConf } from '../harness/xinetd-conf.mjs';

const root = join(import.meta.dirname, '..', '..');
const superdPath = join(root, 'bin', 'superd');

export const superd = {
  name: 'superd',
  canDeny: true,
  answersItself: true,
  registersRpc: true,
  canRedirect: true,
  manyServices: true,
  readyLine: 'superd: ready',
  missing: () => (existsSync(join(root, 'dist', 'superd.cjs')) ? null : 'not built (npm run build)'),
  version: () => firstLine('git', '-C', root, 'describe', '--always', '--dirty'),
  command(setup) {
    const file = (name) => join(setup.directory, name);
    writeFileSync(file('superd.conf'), xinetdConf(setup));
    // A log file like xinetd's: on a terminal superd would print every connection. A separate state directory: another superd may use the default one.
    return [superdPath, '--foreground', '--config', file('superd.conf'), '--log-file', file('log'), '--state', file('state')];
  },
};
