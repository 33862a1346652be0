import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { ERRORS, type ErrorName, type Site } from './faults.js';
import { World } from './world.js';

/** Only places with this text, such as `watch.c`. */
const ONLY = process.env['SUPERD_CHAOS_ONLY'] ?? '';

/** How often the call fails in a row: a moment, and a while. */
const TIMES = [1, 25];

describeWith({ superdOnly: 'the addon is superd’s' }, 'every error at every system call of the addon', () => {
  test('leaves superd running', async () => {
    let world = await World.start();
    const found: string[] = [];
    let [tried, raised] = [0, 0];
    const attempt = async (site: Site, error: ErrorName, times: number) => {
      tried++;
      try {
        raised += Math.sign(await world.raise(site, error, times));
      } catch (problem) {
        found.push(`${site.name} ${error} x${times}: ${(problem as Error).message.split('\n')[0]}`);
        process.stderr.write(`${found.at(-1)}\n`);
        await world.daemon.stop();
        world = await World.start();
      }
    };
    for (const { name } of world.sites().filter((site) => site.name.includes(ONLY))) {
      for (const error of ERRORS)
        for (const times of TIMES) {
          const site = world.sites().find((one) => one.name === name);
          if (site !== undefined) await attempt(site, error, times);
        }
      process.stderr.write(`${name}: ${raised} of ${tried} faults raised so far\n`);
    }
    process.stderr.write(`${tried} faults at ${world.sites().length} places, ${raised} raised, ${found.length} found\n`);
    expect(found).toEqual([]);
  });
});
