import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { record } from './compare.js';
import { readDifferences } from './differences.js';
import { play } from './play.js';
import { readScenario, type Scenario, writeScenario, writeStep } from './scenario.js';

const folder = new URL('scenarios', import.meta.url).pathname;
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.scenario'))
  .sort();
const scenarios = new Map(
  names.map((name) => [name.replace(/\.scenario$/, ''), withEnd(readScenario(readFileSync(join(folder, name), 'utf8')))]),
);
const listed = readDifferences();

const needs = { root: true, programs: ['xinetd', 'unshare', 'prlimit'], mountNamespaces: true };
const wantsNetwork = ({ parts }: Scenario) =>
  parts.some(({ kind, text }) => kind === 'rpcbind' || (kind === 'prefix' && text.includes('unshare --net')));

describeWith(needs, 'beside the real xinetd', () => playAll([...scenarios].filter(([, scenario]) => !wantsNetwork(scenario))));

describeWith(
  { ...needs, programs: [...needs.programs, 'rpcbind', 'rpcinfo', 'python3'], networkNamespaces: true },
  'beside the real xinetd, in networks of their own',
  () => playAll([...scenarios].filter(([, scenario]) => wantsNetwork(scenario))),
);

function playAll(all: readonly (readonly [string, Scenario])[]): void {
  for (const [name, scenario] of all) {
    const retry = scenario.parts.some(({ kind }) => kind === 'hurry') ? 4 : 0;
    test.concurrent(name, { retry }, async ({ expect }) => {
      const [xinetd, superd] = await Promise.all([play(scenario, 'xinetd'), play(scenario, 'superd')]);
      const seen = record(scenario, xinetd, superd);
      if (process.env['UPDATE_SCENARIOS'] === '1') writeFileSync(join(folder, `${name}.scenario`), writeScenario(seen));
      else expect(seen.steps.map(writeStep).join('')).toBe(scenario.steps.map(writeStep).join(''));
    });
  }
}

describe('docs/differences-from-xinetd.md', () => {
  const keys = (scenario: Scenario) => scenario.steps.flatMap((step) => step.keys);

  test('lists whatever differs in a scenario', () => {
    const unlisted = [...scenarios].flatMap(([name, scenario]) =>
      keys(scenario).flatMap((key) => (listed.shown.has(key) ? [] : [`${name}: ${key}`])),
    );
    expect(unlisted).toEqual([]);
  });

  test('lists nothing that no scenario shows, but what it says is proved elsewhere', () => {
    const shown = new Set([...scenarios.values()].flatMap(keys));
    expect([...listed.shown].filter((key) => !shown.has(key))).toEqual([]);
    expect([...listed.elsewhere].filter((key) => shown.has(key) || !listed.keys.has(key))).toEqual([]);
  });

  test('names the tests that prove what no scenario shows', () => {
    expect(listed.unproved).toEqual([]);
  });

  test('has a key for every row of its tables, and none twice', () => {
    expect(listed.rowsWithoutKey).toEqual([]);
    expect(listed.twice).toEqual([]);
  });
});

/** Every scenario ends by looking at the whole log and at how the daemon ends. */
function withEnd(scenario: Scenario): Scenario {
  if (scenario.steps.at(-1)?.text === 'finish') return scenario;
  return { ...scenario, steps: [...scenario.steps, { text: 'finish', keys: [], lines: [] }] };
}
