import type { RouteMap } from '@stricli/core';
import { defineGroup } from './command.js';
import { accessMatch } from './commands/access-match.js';
import { advise } from './commands/advise.js';
import { apply } from './commands/apply.js';
import { ban } from './commands/ban.js';
import { bans } from './commands/bans.js';
import { cat } from './commands/cat.js';
import { check } from './commands/check.js';
import { completion } from './commands/completion.js';
import { confirm } from './commands/confirm.js';
import { deleteServices } from './commands/delete.js';
import { disable } from './commands/disable.js';
import { doctor } from './commands/doctor.js';
import { drain } from './commands/drain.js';
import { enable } from './commands/enable.js';
import { events } from './commands/events.js';
import { explain } from './commands/explain.js';
import { importInetdConf } from './commands/import-inetd.js';
import { kick } from './commands/kick.js';
import { kill } from './commands/kill.js';
import { limits } from './commands/limits.js';
import { list } from './commands/list.js';
import { logs } from './commands/logs.js';
import { plan } from './commands/plan.js';
import { reload } from './commands/reload.js';
import { restart } from './commands/restart.js';
import { run } from './commands/run.js';
import { scale } from './commands/scale.js';
import { sessions } from './commands/sessions.js';
import { show } from './commands/show.js';
import { shutdown } from './commands/shutdown.js';
import { start } from './commands/start.js';
import { status } from './commands/status.js';
import { stop } from './commands/stop.js';
import { top } from './commands/top.js';
import { tree } from './commands/tree.js';
import { unban } from './commands/unban.js';
import { version } from './commands/version.js';

import type { Io } from './io.js';

/** Every verb of superctl, in the order of the help. A new verb is a file in commands/ and a line here. */
export const commands: RouteMap<Io> = defineGroup(
  'Look at a running superd and command it. Without a command, superctl lists the services',
  {
    list,
    status,
    show,
    cat,
    logs,
    events,
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
    kill,
    check,
    doctor,
    plan,
    apply,
    confirm,
    access: defineGroup('Test the access rules (hosts.allow, hosts.deny)', { match: accessMatch }),
    import: defineGroup('Convert the configuration of another daemon', { inetd: importInetdConf }),
    explain,
    advise,
    ban,
    unban,
    bans,
    shutdown,
    version,
    completion: completion(() => commands),
  },
  {
    ls: 'list',
    ps: 'list',
    describe: 'show',
    info: 'show',
    signal: 'kill',
    reread: 'plan',
    update: 'apply',
    'daemon-reload': 'apply',
  },
);
