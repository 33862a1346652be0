import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';
import { ERRORS } from './faults.js';
import { World } from './world.js';

/** Of each so many places one; `npm run chaos` raises every error at every place. */
const ONE_OF = 16;

describeWith({ programs: ['gcc'], superdOnly: 'the addon is superd’s' }, 'system calls of the addon that fail', () => {
  test('leave superd running: it serves its next clients, and says what happened a few times at most', async () => {
    const world = await World.start();
    const sites = world.sites().filter(({ index }) => index % ONE_OF === 0);
    expect(sites.length).toBeGreaterThan(5);
    let raised = 0;
    for (const [i, site] of sites.entries()) raised += await world.raise(site, ERRORS[i % ERRORS.length]!, 2);
    expect(raised).toBeGreaterThan(sites.length / 2);
  });
});
