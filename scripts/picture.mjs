// Draws docs/first-steps.svg: superd on the first example with real callers, as its terminal shows it. `node scripts/picture.mjs`
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const config = `${root}examples/first-steps/superd.conf`;

// script(1) gives superd a terminal of its own.
const command = `stty cols 96; exec ${root}bin/superd --foreground --own-user --config ${config}`;
const terminal = spawn('script', ['-qfec', command, '/dev/null'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, TERM: 'xterm-256color' },
});
let text = '';
terminal.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
const said = async (what) => {
  while (!what.test(text)) await new Promise((resolve) => setTimeout(resolve, 20));
};
const call = (port, line) => execFileSync('nc', ['-q1', '127.0.0.1', String(port)], { input: line, stdio: ['pipe', 'ignore', 'ignore'] });

await said(/ready/);
call(7001, 'good morning\n');
execFileSync('curl', ['-s', 'http://127.0.0.1:7002/'], { stdio: 'ignore' });
call(7003, '');
await said(/refused/);
terminal.kill();

// Where this checkout stands is nobody's business.
const lines = text.replaceAll(root, './').trimEnd().split(/\r?\n/);
writeFileSync(`${root}docs/first-steps.svg`, draw(['$ npm start', ...lines]));

/** Lines with ANSI colours as an SVG image. */
function draw(rows) {
  const [width, height, left, top] = [96 * 8.43 + 32, rows.length * 19 + 28, 16, 27];
  const body = rows.map((row, i) => `<text x="${left}" y="${top + i * 19}" xml:space="preserve">${spans(row)}</text>`).join('\n');
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
