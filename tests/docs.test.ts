import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError, configErrorCodes, InternalError, SystemError } from '../src/errors.js';

const root = new URL('..', import.meta.url).pathname;
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((name) => name !== '' && existsSync(join(root, name)));
const text = (name: string) => readFileSync(join(root, name), 'utf8');
const pages = files.filter((name) => name.endsWith('.md'));

/** As in a heading's link: lower case, blanks as dashes, no other signs. */
const anchors = (page: string) =>
  [...text(page).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the pages', () => {
  test.each(pages)('every link of %s leads somewhere', (page) => {
    const links = [...text(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map((match) => match[1] as string);
    const lost = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
    });
    expect(lost).toEqual([]);
  });

  test('name no file of docs/, src/, tests/, scripts/ or examples/ that is not there', () => {
    const named = pages.flatMap((page) =>
      [...text(page).matchAll(/`((?:docs|src|tests|scripts|examples|benchmarks|native|packaging)\/[\w./-]+)`/g)].map((match) => match[1]),
    );
    // Recipes name a file to write in capitals: `src/gate/checks/NAME.ts`.
    expect(named.filter((name) => !/\/[A-Z]+\.\w+$/.test(name as string) && !existsSync(join(root, name as string)))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  const page = text('docs/errors.md');

  test('has every code, and no other', () => {
    const codes = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect(codes).toEqual([...configErrorCodes]);
  });

  test('has the exit status of every class', () => {
    for (const error of [new ConfigError('usage', 'x'), new SystemError('open', 2), new InternalError('x')])
      expect(page).toContain(`| ${error.exitCode} | \`${error.constructor.name}\` |`);
  });
});

describe('README.ko.md', () => {
  const outline = (page: string) => {
    const blocks = [...text(page).matchAll(/^```\n([\s\S]*?)^```$/gm)].map((match) => (match[1] as string).replace(/ *#.*$/gm, '').trim());
    const levels = [
      ...text(page)
        .replace(/^```[\s\S]*?^```$/gm, '')
        .matchAll(/^(#+) /gm),
    ].map((match) => match[1]);
    const links = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]).filter((link) => !/^README/.test(link as string));
    return { blocks, levels, links };
  };

  test('has the sections, commands and links of README.md', () => {
    expect(outline('README.ko.md')).toEqual(outline('README.md'));
  });
});
