import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { superd as peer } from '../peers/superd.mjs';

const root = join(import.meta.dirname, '..', '..');

/** superd restarts a daemon at once the first time; 0 makes all later restarts immediate too. */
const block = (program, index) => `service d${index}
{
	activation    = boot
	user          = ${userInfo().username}
	server        = ${program}
	restart_delay = 0
}
`;

export const superd = {
  name: 'superd',
  missing: peer.missing,
  version: peer.version,
  command({ directory, program, count }) {
    const file = (name) => join(directory, name);
    writeFileSync(file('superd.conf'), Array.from({ length: count }, (_, index) => block(program, index)).join(''));
    const files = ['--config', file('superd.conf'), '--state', file('state'), '--log-file', file('log')];
    return [join(root, 'bin', 'superd'), '--foreground', ...files];
  },
};
