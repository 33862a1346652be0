// Time and private memory of a start, two reloads and the end with many services: node benchmarks/many-services.mjs [how many]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const count = Number(process.argv[2] ?? 10_000);
const root = new URL('..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'superd-many-'));
const [config, pidfile, log] = ['superd.conf', 'superd.pid', 'superd.log'].map((name) => join(folder, name));

/** Ports below the ephemeral range, on as many addresses as needed. */
const block = (i, first) => `service s${i}
{
	type = UNLISTED
	socket_type = stream
	wait = no
	user = ${process.getuid()}
	server = /bin/echo
	bind = 127.0.77.${1 + Math.floor(i / 2000)}
	port = ${first + (i % 2000)}
}
`;
const write = (first) => writeFileSync(config, Array.from({ length: count }, (_, i) => block(i, first)).join(''));
const reloads = () => readFileSync(log, 'utf8').match(/Reconfigured: .*|reconfiguration failed.*/g) ?? [];
const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
};

async function measure(what, step) {
  const begun = performance.now();
  const outcome = (await step()) ?? '';
  const milliseconds = Math.round(performance.now() - begun);
  const memory = existsSync(pidfile)
    ? /RssAnon:\s+(.*)/.exec(readFileSync(`/proc/${readFileSync(pidfile, 'utf8').trim()}/status`, 'utf8'))
    : null;
  process.stdout.write(`${what.padEnd(24)} ${String(milliseconds).padStart(6)} ms  ${memory?.[1] ?? ''}  ${outcome}\n`);
}

async function reload(first) {
  const before = reloads().length;
  write(first);
  process.kill(Number(readFileSync(pidfile, 'utf8')), 'SIGHUP');
  await until(() => reloads().length > before);
  return reloads().at(-1);
}

try {
  write(20_000);
  const args = ['--config', config, '--pidfile', pidfile, '--log-file', log];
  await measure(`start, ${count} services`, () => void execFileSync(`${root}bin/superd`, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  await measure('reload, nothing new', () => reload(20_000));
  await measure('reload, half new ports', () => reload(21_000));
} finally {
  if (existsSync(pidfile)) {
    const pid = Number(readFileSync(pidfile, 'utf8'));
    await measure('end', async () => {
      process.kill(pid, 'SIGTERM');
      await until(() => !existsSync(pidfile));
    });
  }
  rmSync(folder, { recursive: true, force: true });
}
