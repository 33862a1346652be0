import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';
import { accessRules } from './access-rules.js';
import { addresses } from './addresses.js';
import { clock } from './clock.js';
import { configuration } from './configuration.js';
import { limits } from './limits.js';
import { logFiles } from './log-files.js';
import { pidfiles } from './pidfiles.js';
import { ports } from './ports.js';
import { rpcbind } from './rpcbind.js';
import { scriptsLeft } from './scripts-left.js';
import { servers } from './servers.js';
import { sources } from './sources.js';
import { state } from './state.js';

/** Every check, in the order of the report. A new check is a file in this folder and a line here. */
export const checks: Readonly<Record<string, (context: CheckContext) => readonly Finding[] | Promise<readonly Finding[]>>> = {
  configuration,
  servers,
  ports,
  addresses,
  sources,
  accessRules,
  rpcbind,
  limits,
  logFiles,
  state,
  pidfiles,
  scriptsLeft,
  clock,
};
