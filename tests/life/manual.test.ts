import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderManual } from '../../src/superd/manual.js';
import { OPTION_TABLE } from '../../src/superd/options.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { superd } from './background.js';

const page = new URL('../../docs/superd.8', import.meta.url).pathname;

describeWith({ programs: ['mandoc'] }, 'superd(8)', () => {
  test('is generated from the table of options', () => {
    expect(readFileSync(page, 'utf8')).toBe(renderManual());
  });

  test('has every option of --help', async () => {
    const manual = (await run('mandoc', ['-Tascii', page])).stdout.replace(/.\x08/g, '');
    const help = (await run(superd, ['--help'])).stdout;
    const names = OPTION_TABLE.flatMap((option) => option.names);
    expect(names.filter((name) => !manual.includes(name) || !help.includes(name))).toEqual([]);
  });

  test('describes every option as --help does', async () => {
    const words = (text: string) =>
      text
        .replace(/.\x08/g, '')
        .replace(/[^a-z0-9]+/gi, ' ')
        .toLowerCase();
    const manual = words((await run('mandoc', ['-Tascii', '-Owidth=1000', page])).stdout);
    const help = words((await run(superd, ['--help'])).stdout);
    const texts = OPTION_TABLE.map((option) => words(option.help).trim());
    expect(texts.filter((text) => !manual.includes(text))).toEqual([]);
    expect(texts.filter((text) => !help.includes(text))).toEqual([]);
  });

  test('has no warning of mandoc', async () => {
    expect((await run('mandoc', ['-Tlint', '-W', 'warning', page])).stdout).toBe('');
  });
});
