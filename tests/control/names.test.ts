import { describe, expect, test } from 'vitest';
import { ControlClient } from '../../src/control/client.js';
import type { UnitFacts } from '../../src/control/shared-schemas.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { freePorts } from '../support/ports.js';
import { serviceBlock } from '../support/service-block.js';
import { ask, superctl } from './superctl.js';

/** Two services named echo, with the ids `echo` and `echo-two`, and two named time with ids of their own. */
async function namesakes(): Promise<Daemon> {
  const ports = await freePorts(4);
  const block = (name: string, id: string, i: number) => serviceBlock(name, { id, type: 'INTERNAL UNLISTED', port: ports[i] as number });
  return startDaemon({
    config: [block('echo', 'echo', 0), block('echo', 'echo-two', 1), block('time', 'time-one', 2), block('time', 'time-two', 3)].join(''),
  });
}

const STOPS = {
  echo: ['echo'],
  time: ['time-one', 'time-two'],
  'e*': ['echo', 'echo-two'],
  all: ['echo', 'echo-two', 'time-one', 'time-two'],
};

describe('a word selects the same services for every verb', () => {
  test.each(Object.entries(STOPS))('%s', async (word, ids) => {
    const superd = await namesakes();
    const stopped = await ask<{ units: UnitFacts[] }>(superd, ['stop', word]);
    expect(stopped.units.map(({ id }) => id)).toEqual(ids);
    const disabled = await ask<{ services: string[] }>(superd, ['disable', word]);
    expect(disabled.services).toEqual(ids);
    const shown = await ask<{ id: string }[]>(superd, ['show', word]);
    expect(shown.map(({ id }) => id)).toEqual(ids);
    const listed = await ask<UnitFacts[]>(superd, ['list', word]);
    expect(listed.map(({ id, state }) => [id, state])).toEqual(ids.map((id) => [id, 'stopped']));
  });
});

describe('an unknown value is rejected, with the known ones', () => {
  test('a state, at the socket itself', async () => {
    const client = new ControlClient((await namesakes()).controlSocket);
    await expect(client.call('list', { state: 'sleeping' as 'stopped' })).rejects.toThrow(
      /state: wanted one of .*\blistening, .*\bstopped, .*\bdisabled, found "sleeping"/,
    );
    expect((await client.call('list', { state: 'listening' })).units).toHaveLength(4);
  });

  test('--type', async () => {
    const superd = await namesakes();
    const outcome = await superctl(superd, ['events', '--type', 'notice,refused']);
    expect(outcome).toMatchObject({ code: 100, stdout: '' });
    expect(outcome.stderr).toMatch(/types\[1\]: wanted one of .*\bsession-refused, .*\bnotice, found "refused"/);
  });
});
