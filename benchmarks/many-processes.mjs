// Time until many servers run at the same time, and until all have ended: node benchmarks/many-processes.mjs [how many]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const count = Number(process.argv[2] ?? 2000);
const port = 19_777;
const root = new URL('..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'superd-processes-'));
const [config, pidfile, log] = ['superd.conf', 'superd.pid', 'superd.log'].map((name) => join(folder, name));
writeFileSync(
  config,
  `service mirror
{
	type = UNLISTED
	socket_type = stream
	wait = no
	user = ${process.getuid()}
	server = /bin/cat
	bind = 127.0.0.1
	port = ${port}
	cps = 0 1
	per_source = UNLIMITED
}
`,
);

const until = async (condition) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const pidOf = () => readFileSync(pidfile, 'utf8').trim();
const running = () => execFileSync('ps', ['--ppid', pidOf(), '--no-headers', '-o', 'pid'], { encoding: 'utf8' }).trim().split('\n').length;
const memory = () => /RssAnon:\s+(.*)/.exec(readFileSync(`/proc/${pidOf()}/status`, 'utf8'))?.[1];

async function measure(what, step) {
  const begun = performance.now();
  await step();
  const took = performance.now() - begun;
  const each = Math.round((count / took) * 1000);
  process.stdout.write(`${what.padEnd(32)} ${String(Math.round(took)).padStart(6)} ms  ${String(each).padStart(6)}/s  ${memory()}\n`);
}

try {
  execFileSync(`${root}bin/superd`, ['--config', config, '--pidfile', pidfile, '--log-file', log], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let answered = 0;
  let ended = 0;
  const clients = [];
  await measure(`${count} processes at once`, async () => {
    for (let i = 0; i < count; i++) {
      const client = connect({ host: '127.0.0.1', port });
      client.on('connect', () => client.write('x'));
      client.once('data', () => answered++);
      client.on('error', () => {}).on('close', () => ended++);
      clients.push(client);
    }
    await until(() => answered + ended >= count);
  });
  process.stdout.write(`${answered} answered, ${running()} run\n`);
  await measure('until all have ended', async () => {
    for (const client of clients) client.end();
    await until(() => ended >= count);
  });
} finally {
  if (existsSync(pidfile)) {
    const pid = Number(pidOf());
    process.kill(pid, 'SIGTERM');
    await until(() => !existsSync(pidfile));
  }
  rmSync(folder, { recursive: true });
}
