import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { summaries } from '../../control/summaries.js';
import { defineCommand } from '../command.js';
import { waiting } from '../waiting.js';

interface ShutdownFlags {
  readonly wait: boolean;
}

const LOOK_AGAIN_MS = 20;

export const shutdown = defineCommand<ShutdownFlags>({
  summary: summaries.shutdown,
  flags: { wait: { kind: 'boolean', default: true, brief: 'Return when it has ended; --no-wait at once' } },
  words: null,
  async run(session, { wait }) {
    const { pid } = await session.control.call('version', {});
    await session.control.call('shutdown', {});
    if (wait) await waiting(session, 'ending superd', gone(pid));
    return 0;
  },
});

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await pause(LOOK_AGAIN_MS);
}
