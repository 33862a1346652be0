import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { summaries } from '../../control/summaries.js';
import { defineCommand, switchFlag } from '../command.js';
import { withProgress } from '../progress.js';

interface ShutdownFlags {
  readonly noWait: boolean;
}

const POLL_MS = 20;

export const shutdown = defineCommand<ShutdownFlags>({
  summary: summaries.shutdown,
  flags: { noWait: switchFlag('Return immediately') },
  arguments: [],
  async run(context, { noWait }) {
    const { pid } = await context.control.call('version', {});
    await context.control.call('shutdown', {});
    if (!noWait) await withProgress(context, 'stopping superd', gone(pid));
    return 0;
  },
});

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await pause(POLL_MS);
}
