import { readdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { expect, test } from 'vitest';
import { generate } from './mutate.js';
import { claims } from './properties.js';

const cases = new URL('../cases/config/', import.meta.url).pathname;
const seeds = readdirSync(cases).map((name) => readFileSync(cases + name, 'utf8').split('----------\n')[0] as string);

/** How long to search for inputs that reach new code. */
const SECONDS = Number(process.env['SUPERD_FUZZ_SECONDS'] ?? 60);

test('texts bred for coverage keep every property', async () => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();
  const pool = [...seeds];
  const end = Date.now() + SECONDS * 1000;
  let inputs = 0;
  for (; Date.now() < end; inputs++) {
    const text = inputs < seeds.length ? (seeds[inputs] as string) : generate(pool, Math.random);
    try {
      for (const claim of claims) await claim(text);
    } catch (error) {
      throw new Error(`broken by ${JSON.stringify(text)}`, { cause: error });
    }
    if (await reachesNew(session, seen)) pool.push(text);
  }
  session.disconnect();
  console.info(`${inputs} inputs, ${pool.length - seeds.length} kept, ${seen.size} ways through functions`);
  expect(pool.length).toBeGreaterThan(seeds.length);
});

/** Whether the last input ran a new set of blocks in some function. */
async function reachesNew(session: Session, seen: Set<string>): Promise<boolean> {
  const before = seen.size;
  const { result } = await session.post('Profiler.takePreciseCoverage');
  for (const { url, functions } of result) {
    if (!/\/src\/(?:config|address)\//.test(url)) continue;
    for (const { functionName, ranges } of functions) {
      if (ranges[0]?.count === 0) continue;
      const left = ranges.filter(({ count }) => count === 0).map(({ startOffset }) => startOffset);
      seen.add(`${url} ${functionName} ${ranges[0]?.startOffset} ${left.join()}`);
    }
  }
  return seen.size > before;
}
