// `npm start [-- CONFIGURATION]`: runs superd in the foreground, as the present user, with the first example or the given file.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const [given] = process.argv.slice(2);
const config = given === undefined ? undefined : inFolder(given);
const directory = mkdtempSync(join(tmpdir(), 'superd-'));
const socket = join(directory, 'control.sock');

const first = `superd starts a server when a client connects, and keeps a resident one alive. In another terminal, try
  nc 127.0.0.1 7001               a shell script talks to you
  curl http://127.0.0.1:7002/     a web page from its own process
  nc 127.0.0.1 7003               the gate refuses every client
  superctl="bin/superctl --socket ${socket}"
  $superctl                       every service and its state
  $superctl status ticker         a resident daemon and its pid: kill it, and it is there again
  $superctl top                   the same, live`;
const other = (path) => `${headOf(path)}
  bin/superctl --socket ${socket}
                                  every service and its state, from another terminal`;

/** The configuration of an example: `npm start -- examples/redirect`. */
function inFolder(path) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return path;
  const file = join(path, 'superd.conf');
  if (existsSync(file)) return file;
  process.stderr.write(`superd: ${path} is a folder without a superd.conf; name a file: npm start -- FILE\n`);
  process.exit(100);
}

/** The comments at the start of a file; superd reports a missing file. */
function headOf(path) {
  if (!existsSync(path)) return '';
  const lines = readFileSync(path, 'utf8').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines.slice(0, end).join('\n');
}

process.stdout.write(`\n${config === undefined ? first : other(config)}\nand watch here. Ctrl-C stops everything.\n\n`);
const path = config ?? `${root}examples/first-steps/superd.conf`;
const args = ['--foreground', '--own-user', '--config', path, '--control', socket];
const superd = spawn(`${root}bin/superd`, args, { stdio: 'inherit' });
// A terminal sends the signal to superd too; another sender does not.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => superd.kill('SIGTERM'));
superd.on('exit', (code) => {
  if (code !== 0) process.stdout.write('\nsuperd has ended; its last lines say why. A port that is taken may belong to another superd.\n');
  process.exitCode = code ?? 1;
  rmSync(directory, { recursive: true, force: true });
});
