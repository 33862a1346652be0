import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatPrefix, type Prefix } from '../../src/address/prefix-set.js';
import { diagnosticCodes } from '../../src/config/diagnostic.js';
import { formatService } from '../../src/config/format.js';
import { type Loaded, load } from '../../src/config/load.js';
import { caseDisk, caseLookUp } from './case-world.js';

/*
 * A case is a file: the configuration, a line of ten dashes, and what is expected of it:
 *
 *   accepted|disabled|rejected ID       one line for each service, in order
 *     attribute = value                 an attribute in the output of the check
 *     .path.into.plan = value           a value in its plan
 *   LINE: severity code: message        every message, in order (with `PATH:` first for other files than `main`)
 *
 * `===== PATH` begins a further file; the first is `main`. UPDATE_CASES=1 rewrites statuses, messages and the values of the named
 * attributes, to be reviewed and committed.
 */
const folder = new URL('../cases/config', import.meta.url).pathname;
const SEPARATOR = '----------\n';

for (const name of readdirSync(folder).sort()) {
  test(name.replace(/\.txt$/, '').replaceAll('-', ' '), async () => {
    const path = join(folder, name);
    const [input = '', expected = ''] = readFileSync(path, 'utf8').split(SEPARATOR);
    const files = splitFiles(input);
    const loaded = await load({
      path: 'main',
      inetdConf: files.has('inetd.conf') ? 'inetd.conf' : null,
      lookUp: caseLookUp,
      disk: caseDisk(files),
    });
    const found = render(loaded, wantedValues(expected));
    if (process.env['UPDATE_CASES'] === '1') writeFileSync(path, `${input}${SEPARATOR}${found}`);
    else expect(found).toBe(expected);
    await writtenOutItIsTheSame(loaded);
  });
}

test('every code has a case', () => {
  const shown = readdirSync(folder).flatMap((name) => {
    const [, expected = ''] = readFileSync(join(folder, name), 'utf8').split(SEPARATOR);
    return [...expected.matchAll(/^\S+ (?:error|warning|note) ([a-z-]+):/gm)].map(([, code]) => code as string);
  });
  expect([...diagnosticCodes].filter((code) => !shown.includes(code))).toEqual([]);
});

/** A block with everything that holds for a service, inherited or derived, makes the same service again. */
async function writtenOutItIsTheSame({ report }: Loaded): Promise<void> {
  // A daemon that needs others cannot load alone, and an init script has no attributes.
  const alone = report.services.filter(({ attributes }) => attributes['needs'] === undefined && Object.keys(attributes).length > 0);
  for (const service of alone.filter(({ status }) => status === 'accepted')) {
    const text = formatService(service);
    const again = await load({ path: 'main', inetdConf: null, lookUp: caseLookUp, disk: caseDisk(new Map([['main', text]])) });
    expect(
      again.report.services.map(({ status, attributes }) => ({ status, attributes })),
      text,
    ).toEqual([{ status: 'accepted', attributes: service.attributes }]);
  }
}

function splitFiles(input: string): Map<string, string> {
  const files = new Map<string, string>();
  const parts = input.split(/^===== (.+)\n/m);
  files.set('main', readEscapes(parts[0] as string));
  for (let i = 1; i < parts.length; i += 2) files.set(parts[i] as string, readEscapes(parts[i + 1] as string));
  return files;
}

/** Cases write `\r` and `\uFEFF` as escapes, because editors and git lose the characters. */
function readEscapes(text: string): string {
  return text.replaceAll('\\r\n', '\r\n').replace(/^\\uFEFF/, '\ufeff');
}

/** The indented names below each service line. */
function wantedValues(expected: string): string[][] {
  const wanted: string[][] = [];
  for (const line of expected.split('\n')) {
    if (/^(?:accepted|disabled|rejected) /.test(line)) wanted.push([]);
    else if (/^ {2}\S/.test(line)) wanted.at(-1)?.push((/^ {2}(\S+)/.exec(line) as RegExpExecArray)[1] as string);
  }
  return wanted;
}

function render({ report, plan, diagnostics }: Loaded, wanted: readonly string[][]): string {
  const lines: string[] = [];
  const plans = [...plan.services];
  const muxed = [...plan.muxed];
  const daemons = [...plan.daemons];
  for (const [i, service] of report.services.entries()) {
    lines.push(`${service.status} ${service.id}`);
    const resident = service.attributes['activation'] === 'boot';
    const isMuxed = /TCPMUX/.test(service.attributes['type'] ?? '');
    const kind = resident ? daemons : isMuxed ? muxed : plans;
    const own = service.status === 'accepted' ? kind.shift() : undefined;
    // A service has a plan for each address; the case shows the first.
    while (own !== undefined && kind[0]?.origin === own.origin) kind.shift();
    for (const name of wanted[i] ?? []) {
      const value =
        name === '.plan' ? own : name.startsWith('.') ? name.slice(1).split('.').reduce<unknown>(step, own) : service.attributes[name];
      lines.push(`  ${name} = ${show(value)}`.trimEnd());
    }
  }
  for (const { path, line, severity, code, message } of diagnostics)
    lines.push(`${path === 'main' ? '' : `${path}:`}${line}: ${severity} ${code}: ${message}`);
  return lines.map((line) => `${line}\n`).join('');
}

const step = (value: unknown, key: string) => (value as Record<string, unknown> | null | undefined)?.[key];

function show(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === Infinity) return 'UNLIMITED';
    if (inner instanceof Set) return [...inner];
    if (typeof inner === 'object' && inner !== null && 'base' in inner) return formatPrefix(inner as Prefix);
    return inner;
  });
}
