import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const sources = join(import.meta.dirname, '..', 'load');

/** Compiles the C programs of the benchmarks into `directory`; returns their paths and that of the Node server. */
export function compilePrograms(directory) {
  const compile = (name, ...flags) => {
    const output = join(directory, name);
    execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-Werror', ...flags, '-o', output, join(sources, `${name}.c`)]);
    return output;
  };
  const bare = ['-static', '-nostdlib', '-ffreestanding'];
  return {
    load: compile('load'),
    launch: compile('launch'),
    stream: compile('stream'),
    datagrams: compile('datagrams'),
    bareServer: compile('bare-server'),
    oneLine: compile('one-line', ...bare),
    resident: compile('resident', ...bare),
    nodeServer: join(sources, 'node-server.mjs'),
    ownRpcbind: join(sources, 'own-rpcbind.sh'),
  };
}
