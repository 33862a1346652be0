import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInitHeader } from '../../src/config/dialects/init-d/header.js';
import { orderInitScripts } from '../../src/config/dialects/init-d/order.js';
import { describeWith } from '../support/requirements.js';
import { corpusFolder } from './oracle.js';

interface Wild {
  readonly file: string;
  readonly lsb: readonly string[];
  readonly chkconfig: readonly string[];
  readonly other: readonly string[];
}

const folder = corpusFolder();

describeWith(
  { files: { there: folder !== null, called: 'the collection of real files (SUPERD_SHARED)' } },
  'headers of real init scripts',
  () => {
    const wild = () =>
      readFileSync(join(folder as string, 'init.d-headers.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Wild);
    const headers = () =>
      wild().map(({ file, lsb, chkconfig, other }) => readInitHeader(file, [...lsb, ...chkconfig, ...other].join('\n')));

    test('are parsed: a script with a block provides its names, one with a chkconfig line has a priority', () => {
      const lines = wild();
      expect(lines.length).toBe(347);
      for (const [i, header] of headers().entries()) {
        const { lsb, chkconfig } = lines[i] as Wild;
        const provides = lsb.find((line) => /^#\s*Provides:\s*\S/i.test(line));
        if (provides !== undefined)
          expect(header.provides.join(' ')).toBe(
            provides
              .replace(/^#\s*Provides:\s*/i, '')
              .trim()
              .split(/[\s,]+/)
              .join(' '),
          );
        if (chkconfig.some((line) => /^#\s*chkconfig:\s*[-0-6]+\s+\d+\s+\d+/.test(line)))
          expect(header.priority, header.script).not.toBe(null);
      }
    });

    test('get an order with each script once, and every problem is reported', () => {
      const all = headers();
      const { order, before, problems } = orderInitScripts(all);
      expect([...order].sort()).toEqual(all.map(({ script }) => script).sort());
      for (const script of order)
        for (const { id } of before.get(script) ?? []) expect(order.indexOf(id)).toBeLessThan(order.indexOf(script));
      for (const problem of problems) if (problem.kind === 'cycle') expect(problem.path[0]).toBe(problem.path.at(-1));
    });
  },
);
