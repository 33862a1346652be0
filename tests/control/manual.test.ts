import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderManual } from '../../src/cli/manual.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';

const page = new URL('../../docs/superctl.1', import.meta.url).pathname;
const superctl = new URL('../../bin/superctl', import.meta.url).pathname;

describeWith({ programs: ['mandoc'] }, 'superctl(1)', () => {
  test('comes from the table of commands', () => {
    expect(readFileSync(page, 'utf8')).toBe(renderManual());
  });

  test('has every verb of --help', async () => {
    const help = (await run(superctl, ['--help'])).stdout;
    const verbs = [...help.slice(help.indexOf('COMMANDS')).matchAll(/^ {2}([a-z-]+) /gm)].map(([, verb]) => verb as string);
    expect(verbs).toContain('doctor');
    const text = readFileSync(page, 'utf8');
    expect(verbs.filter((verb) => !new RegExp(`^\\.It Ic ${verb}( |$)`, 'm').test(text))).toEqual([]);
  });

  test('passes mandoc -Tlint', async () => {
    expect((await run('mandoc', ['-Tlint', '-W', 'warning', page])).stdout).toBe('');
  });
});
