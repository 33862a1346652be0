import { expect, test } from 'vitest';
import { ask as control, superctl } from '../control/superctl.js';
import { startDaemon } from '../support/daemon.js';
import { describeWith } from '../support/requirements.js';
import { residentBlock } from '../support/resident.js';
import { waitFor } from '../support/wait-for.js';

interface Facts {
  readonly state: string;
  readonly since: number;
  readonly started: number;
  readonly failed: number;
  readonly restarts: number;
  readonly pids: readonly number[];
}

const resident = { superdOnly: 'xinetd has no resident daemons' };

describeWith(resident, 'a daemon that fails again and again', () => {
  test('counts each failure, and a restart for each further start', async () => {
    const daemon = await startDaemon({
      config:
        residentBlock('fails', { server: '/bin/false', restart_delay: '10ms', restart_max: 4 }) +
        residentBlock('stays', { server: '/bin/sleep', server_args: 1000 }),
    });
    const facts = async () => (await control<Facts[]>(daemon, ['list', 'fails']))[0]!;
    await waitFor('the crash loop', async () => (await facts()).state === 'crash-looping', { evidence: () => daemon.account() });
    const { started, failed, restarts } = await facts();
    expect({ started, failed, restarts }).toEqual({ started: 5, failed: 5, restarts: 4 });
  });
});

describeWith(resident, 'a daemon without replicas', () => {
  test('has been stopped since then, and start gives it the replicas of the configuration', async () => {
    const daemon = await startDaemon({ config: residentBlock('pair', { server: '/bin/sleep', server_args: 1000, replicas: 2 }) });
    const facts = async () => (await control<Facts[]>(daemon, ['list', 'pair']))[0]!;
    expect(await superctl(daemon, ['scale', 'pair', '0'])).toMatchObject({ code: 0 });
    const { state, since } = await facts();
    expect(state).toBe('stopped');
    expect(Date.now() - since).toBeLessThan(3_600_000);
    expect(await superctl(daemon, ['start', 'pair'])).toMatchObject({ code: 0 });
    expect((await facts()).pids).toHaveLength(2);
  });
});
