// `npm start`: superd in the foreground on the first example, as whoever calls.
import { spawnSync } from 'node:child_process';

const root = new URL('..', import.meta.url).pathname;
const config = process.argv[2] ?? `${root}examples/first-steps/superd.conf`;

process.stdout.write(`
superd starts a server when somebody calls. In another terminal, try
  nc 127.0.0.1 7001                 a shell script talks to you
  curl http://127.0.0.1:7002/       a web page from a process of its own
  nc 127.0.0.1 7003                 the gate lets nobody in
and watch here. Ctrl-C stops everything.

`);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.exitCode = spawnSync(`${root}bin/superd`, ['--foreground', '--own-user', '--config', config], { stdio: 'inherit' }).status ?? 1;
