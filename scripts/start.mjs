// `npm start`: superd in the foreground on the first example, as whoever calls.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const config = process.argv[2] ?? `${root}examples/first-steps/superd.conf`;
const directory = mkdtempSync(join(tmpdir(), 'superd-'));
const socket = join(directory, 'control.sock');

process.stdout.write(`
superd starts a server when somebody calls, and keeps a resident one alive. In another terminal, try
  nc 127.0.0.1 7001                 a shell script talks to you
  curl http://127.0.0.1:7002/       a web page from a process of its own
  nc 127.0.0.1 7003                 the gate lets nobody in
  bin/superctl --socket ${socket} status ticker
                                    the pid of a resident daemon: kill it, and it is there again
  bin/superctl --socket ${socket} top
and watch here. Ctrl-C stops everything.

`);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
const args = ['--foreground', '--own-user', '--config', config, '--control', socket];
process.exitCode = spawnSync(`${root}bin/superd`, args, { stdio: 'inherit' }).status ?? 1;
rmSync(directory, { recursive: true, force: true });
