// Draws docs/top.svg: superctl top with real clients, as a terminal shows it. `node scripts/picture.mjs`
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;

const TOP_CONFIG = `
defaults
{
	only_from = 127.0.0.0/26
	bind = 127.0.0.1
	instances = UNLIMITED
	metrics = 127.0.0.1 7106
}
service git
{
	type = UNLISTED
	port = 7101
	socket_type = stream
	wait = no
	server = /bin/cat
}
service check-mk-agent
{
	type = UNLISTED
	port = 7102
	socket_type = stream
	wait = no
	server = /bin/cat
	rate_per_source = 1/s burst 1
}
service ctf-echo
{
	type = UNLISTED
	port = 7103
	socket_type = stream
	wait = no
	server = /bin/cat
	per_source = 2
}
service daytime
{
	type = INTERNAL UNLISTED
	port = 7104
	socket_type = stream
	wait = no
}
service http-alt
{
	type = UNLISTED
	port = 7105
	socket_type = stream
	wait = no
	redirect = 127.0.0.1 7104
}
service worker
{
	activation = boot
	server = /bin/sleep
	server_args = 1000
}
`;
writeFileSync(`${root}docs/top.svg`, await top());

/** Runs superctl top against a superd with a few services and clients. */
async function top() {
  const directory = mkdtempSync(join(tmpdir(), 'superd-picture-'));
  const socket = join(directory, 'control.sock');
  writeFileSync(join(directory, 'superd.conf'), TOP_CONFIG);
  const options = ['--foreground', '--own-user', '--config', join(directory, 'superd.conf'), '--control', socket];
  const superd = spawn(`${root}bin/superd`, options, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  superd.stderr.setEncoding('utf8').on('data', (chunk) => (log += chunk));
  while (!/ready/.test(log)) await soon();
  const held = [call(7101, 2), call(7101, 3), call(7103, 4), call(7103, 5), call(7103, 6)];
  const load = setInterval(callers(), 40);
  const terminal = onTerminal(`stty cols 80 rows 16; exec ${root}bin/superctl --socket ${socket} top`);
  await terminal.said(/up 1\ds/);
  const frames = terminal.text().split('\x1b[H');
  clearInterval(load);
  for (const client of held) client.destroy();
  terminal.end();
  superd.kill();
  rmSync(directory, { recursive: true });
  const frame = frames.at(-2).replace(/\x1b\[[KJ]/g, '');
  return draw(['$ superctl top', '', ...frame.split(/\r+\n/)], 80);
}

/** A different client each time; most are admitted. */
function callers() {
  let turn = 0;
  return () => {
    turn++;
    call(7102, 2 + (turn % 20)).end();
    if (turn % 3 === 0) call(7104, 2).end();
    if (turn % 7 === 0) call(7101, 77);
    if (turn % 11 === 0) call(7105, 2 + (turn % 5)).end();
  };
}

/** Connects from one of the loopback addresses. */
function call(port, last) {
  const client = connect({ host: '127.0.0.1', port, localAddress: `127.0.0.${last}` });
  client.on('error', () => {});
  return client.resume();
}

function onTerminal(command) {
  // script(1) gives it a terminal.
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, TERM: 'xterm-256color' },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  return {
    text: () => text,
    said: async (what) => {
      while (!what.test(text)) await soon();
    },
    end: () => child.kill(),
  };
}

function soon() {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/** Lines with ANSI colours as an SVG image. */
function draw(rows, columns) {
  const [width, height, left, top] = [columns * 8.43 + 32, rows.length * 19 + 28, 16, 27];
  const selected = rows.findIndex((row) => row.includes('\x1b[7m'));
  const bar =
    selected === -1
      ? ''
      : `<rect x="${left - 4}" y="${top - 15 + selected * 19}" width="${Math.round(width) - 24}" height="20" fill="#2d3640"/>\n`;
  const body = bar + rows.map((row, i) => `<text x="${left}" y="${top + i * 19}" xml:space="preserve">${spans(row)}</text>`).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.round(width)} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">
<rect width="100%" height="100%" rx="8" fill="#16191d"/>
<g fill="#d7dbe0">
${body}
</g>
</svg>
`;
}

function spans(row) {
  const colors = {
    2: 'fill="#8b939c"',
    90: 'fill="#8b939c"',
    1: 'font-weight="bold"',
    31: 'fill="#ff7b72"',
    32: 'fill="#7ee787"',
    33: 'fill="#f2cc60"',
    36: 'fill="#79c0ff"',
  };
  let style = '';
  return row
    .split(/(\x1b\[\d+m)/)
    .map((part) => {
      const code = /^\x1b\[(\d+)m$/.exec(part)?.[1];
      if (code === undefined) return part === '' ? '' : `<tspan ${style}>${asText(part)}</tspan>`;
      style = colors[code] ?? '';
      return '';
    })
    .join('');
}

function asText(part) {
  return part.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
