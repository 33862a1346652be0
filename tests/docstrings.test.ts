import { readdirSync, readFileSync } from 'node:fs';
import { stop, transformSync } from 'esbuild';
import { afterAll, describe, expect, test } from 'vitest';
import * as address from '../src/address/address.js';
import * as prefixSet from '../src/address/prefix-set.js';
import * as parse from '../src/config/parse.js';

/*
 * An example in a docstring is one line, `@example expression // result`. Those that need nothing but what their module exports are run here;
 * the others (a plan at hand, a socket, the time) show a call and have no result that could be compared.
 */
const source = new URL('../src/', import.meta.url).pathname;
const common = { ...address, ...prefixSet, ...parse };

const examples = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .flatMap((name) =>
    [...readFileSync(source + name, 'utf8').matchAll(/@example (.+?) \/\/ (.+?)(?: \*\/)?$/gm)].map((match) => ({
      name,
      expression: match[1] as string,
      result: match[2] as string,
    })),
  )
  .filter(({ result }) => !result.includes('…') && isLiteral(result));

// Ends esbuild's own process.
afterAll(stop);

describe('examples in docstrings', () => {
  test.each(examples)('$name: $expression', async ({ name, expression, result }) => {
    const scope = { ...common, ...((await import(source + name)) as Record<string, unknown>) };
    const found = await evaluate(expression, scope);
    if (found !== NEEDS_MORE) expect(found).toEqual(await evaluate(result, {}));
  });

  test('most of them can be run', async () => {
    const runs = await Promise.all(
      examples.map(async ({ name, expression }) => evaluate(expression, { ...common, ...((await import(source + name)) as object) })),
    );
    expect(runs.filter((found) => found !== NEEDS_MORE).length).toBeGreaterThan(25);
  });
});

const NEEDS_MORE = Symbol('a name that the module does not export');

async function evaluate(expression: string, scope: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { code } = transformSync(`async () => (${expression})`, { loader: 'ts', target: 'node20' });
  try {
    return await new Function(...Object.keys(scope), `return (${code.trim().replace(/;$/, '')})()`)(...Object.values(scope));
  } catch (error) {
    if (error instanceof ReferenceError) return NEEDS_MORE;
    throw error;
  }
}

function isLiteral(text: string): boolean {
  try {
    new Function(`return (${text})`)();
    return true;
  } catch {
    return false;
  }
}
