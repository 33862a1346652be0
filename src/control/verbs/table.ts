import { advise } from './advise.js';
import { apply } from './apply.js';
import { ban } from './ban.js';
import { bans } from './bans.js';
import { cat } from './cat.js';
import { check } from './check.js';
import { confirm } from './confirm.js';
import { deleteServices } from './delete.js';
import { disable } from './disable.js';
import { drain } from './drain.js';
import { enable } from './enable.js';
import { events } from './events.js';
import { explain } from './explain.js';
import { kick } from './kick.js';
import { kill } from './kill.js';
import { limits } from './limits.js';
import { list } from './list.js';
import { logs } from './logs.js';
import { plan } from './plan.js';
import { reload } from './reload.js';
import { restart } from './restart.js';
import { run } from './run.js';
import { scale } from './scale.js';
import { sessions } from './sessions.js';
import { show } from './show.js';
import { shutdown } from './shutdown.js';
import { start } from './start.js';
import { stop } from './stop.js';
import { top } from './top.js';
import { tree } from './tree.js';
import { tryPlan } from './try.js';
import { unban } from './unban.js';
import { version } from './version.js';

/** Every verb of the control socket, `/v1/NAME`. A new one is a file here, a line in this table and one in summaries.ts. */
export const verbs = {
  list,
  start,
  stop,
  restart,
  reload,
  drain,
  scale,
  run,
  delete: deleteServices,
  enable,
  disable,
  limits,
  sessions,
  top,
  tree,
  kick,
  show,
  cat,
  kill,
  check,
  plan,
  apply,
  confirm,
  explain,
  advise,
  ban,
  unban,
  bans,
  shutdown,
  version,
} as const;

/** The verbs that answer with a stream. */
export const streams = { events, logs, try: tryPlan } as const;
