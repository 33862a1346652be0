import type { Supervise } from './attributes/initd.js';
import type { CheckedService } from './check.js';
import type { Findings } from './diagnostic.js';
import { hasInitHeader, type InitHeader, readInitHeader } from './dialects/init-d/header.js';
import { type InitProblem, orderInitScripts, scriptsNamed } from './dialects/init-d/order.js';
import { findPidfiles } from './dialects/init-d/pidfiles.js';
import type { ServiceDraft } from './draft.js';
import type { Credentials, DaemonPlan, ProgramPlan, ScriptLink, ScriptPlan } from './plan.js';
import { type Disk, reason } from './read.js';
import { besideItsFile, effective, type Settings } from './settings.js';
import { predecessors } from './start-order.js';

/** Files that packages and editors leave beside scripts. */
const NO_SCRIPT = /[.~]|^(README|skeleton|functions|rcS?|core)$/;

/** The run levels of daemons. Level S, the boot of the machine, is not for superd. */
const DAEMON_LEVELS: readonly string[] = ['2', '3', '4', '5'];

/** Far above any script. */
const MOST_BYTES = 4 * 1024 ** 2;

const ROOT: Credentials = { uid: 0, gid: 0, groups: [] };

/** The environment that an init gives its scripts. The last two stop the shell functions of distributions from calling systemctl. */
const ENVIRONMENT = [
  ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['TERM', 'dumb'],
  ['_SYSTEMCTL_SKIP_REDIRECT', '1'],
  ['SYSTEMCTL_SKIP_REDIRECT', '1'],
] as const;

interface ScriptSources {
  readonly drafts: readonly ServiceDraft[];
  readonly disk: Disk;
  readonly switched: ReadonlyMap<string, boolean>;
}

interface FoundScript {
  readonly path: string;
  readonly text: string;
  readonly header: InitHeader;
  readonly enabled: boolean;
}

/** The init scripts of the directories that `initd` names, by the names of their files. */
export interface InitScripts {
  readonly found: ReadonlyMap<string, FoundScript>;
  /** The enabled scripts with this name, or providing it or this facility; null when no script has the name. */
  named(name: string): readonly string[] | null;
  /** Disabled scripts included. */
  readonly checked: readonly CheckedService[];
}

export function readInitScripts(defaults: Settings, around: ScriptSources, findings: Findings): InitScripts {
  const { initd } = defaults;
  const directories = initd?.value.map((value) => besideItsFile({ value, origin: initd.origin })) ?? [];
  const found = new Map<string, FoundScript>();
  for (const directory of directories) for (const one of scriptsIn(directory, defaults, around, findings)) addNew(found, one);
  reportUnknown(defaults, found, findings);
  const called = scriptsNamed(headersOf(found));
  return { found, named: (name) => called(name) ?? (found.has(name) ? [] : null), checked: [...found.values()].map(checked) };
}

/** The headers of the enabled scripts. */
const headersOf = (found: InitScripts['found']) => [...found.values()].filter(({ enabled }) => enabled).map(({ header }) => header);

interface PlannedServices {
  readonly daemons: readonly DaemonPlan[];
  readonly drafts: readonly ServiceDraft[];
  readonly self: Credentials | null;
}

/** Plans of the enabled scripts, in the order of their start, which the daemons share. */
export function planInitScripts(
  { found }: InitScripts,
  defaults: Settings,
  { daemons, drafts, self }: PlannedServices,
  findings: Findings,
): ScriptPlan[] {
  if (found.size === 0) return [];
  const residents = daemons.map((plan) => ({ id: plan.id, name: plan.name, after: predecessors(plan) }));
  const { order, before, problems } = orderInitScripts(headersOf(found), residents);
  const onRequest = new Set(drafts.filter(({ disabled }) => !disabled).flatMap(({ id, block }) => [id, block.name]));
  for (const problem of problems) {
    const isHarmless = problem.kind === 'missing' ? onRequest.has(problem.name) : problem.kind === 'twice' && !found.has(problem.script);
    if (!isHarmless) reportProblem(problem, found, findings);
  }
  return order.flatMap((name) => {
    const one = found.get(name);
    return one === undefined ? [] : [planOf(one, before.get(name) ?? [], defaults, self)];
  });
}

function scriptsIn(directory: string, defaults: Settings, { drafts, disk, switched }: ScriptSources, findings: Findings): FoundScript[] {
  const origin = defaults.initd?.origin ?? { path: directory, line: 0 };
  let names: string[];
  try {
    names = disk.list(directory).sort();
  } catch (error) {
    findings.at(origin).warning('init-script', `initd: cannot read the directory ${directory}: ${reason(error)}`);
    return [];
  }
  const found: FoundScript[] = [];
  for (const name of names) {
    const path = `${directory.replace(/\/+$/, '')}/${name}`;
    if (NO_SCRIPT.test(name) || !/^[\w@+:-]+$/.test(name) || disk.kind(path) !== 'file' || disk.executable(path) !== 'yes') continue;
    const report = findings.at({ path, line: 0 });
    const taken = drafts.find(({ id }) => id === name);
    if (taken !== undefined) {
      const { path: where, line } = taken.block.origin;
      report.note('init-script', `is skipped: the service ${name} of ${where}:${line} takes precedence`);
      continue;
    }
    try {
      const text = disk.readText(path, MOST_BYTES);
      const header = readInitHeader(name, text);
      if (hasInitHeader(text)) found.push({ path, text, header, enabled: isEnabled(header, defaults, switched) });
      else report.note('init-script', 'is skipped: no "### BEGIN INIT INFO" and no "# chkconfig:" tells when to start it');
    } catch (error) {
      report.warning('init-script', `cannot read ${path}: ${reason(error)}`);
    }
  }
  return found;
}

function addNew(found: Map<string, FoundScript>, one: FoundScript): void {
  if (!found.has(one.header.script)) found.set(one.header.script, one);
}

/** The operator's command takes precedence over the configuration, and that over the script. */
function isEnabled({ script, defaultStart }: InitHeader, { disabled, enabled }: Settings, switched: ScriptSources['switched']): boolean {
  const override = switched.get(script);
  if (override !== undefined) return override;
  if (disabled?.value.includes(script) === true) return false;
  if (enabled?.value.includes(script) === true) return true;
  return defaultStart?.some((level) => DAEMON_LEVELS.includes(level)) ?? false;
}

function reportUnknown({ supervise }: Settings, found: ReadonlyMap<string, FoundScript>, findings: Findings): void {
  if (supervise === undefined || typeof supervise.value === 'string') return;
  for (const name of supervise.value)
    if (!found.has(name)) findings.at(supervise.origin).warning('unknown-id', `supervise: unknown init script ${name}`);
}

function reportProblem(problem: InitProblem, found: ReadonlyMap<string, FoundScript>, findings: Findings): void {
  const at = (script: string) => findings.at({ path: found.get(script)?.path ?? script, line: 0 });
  if (problem.kind === 'missing') {
    at(problem.script).note('init-order', `requires ${problem.name}, which no enabled script provides; superd starts it nevertheless`);
  } else if (problem.kind === 'twice') {
    at(problem.script).warning(
      'init-order',
      `provides ${problem.name}, as ${problem.other} does; scripts that require it wait for ${problem.other}`,
    );
  } else {
    const { path, required } = problem;
    const message = `these wait for each other: ${path.join(' -> ')}; superd ignores the last step`;
    const place = at(path.at(-2) as string);
    if (required) place.warning('init-order', message);
    else place.note('init-order', message);
  }
}

function planOf(
  { path, text, header }: FoundScript,
  after: readonly ScriptLink[],
  defaults: Settings,
  self: Credentials | null,
): ScriptPlan {
  const { script, description } = header;
  return {
    id: script,
    origin: { path, line: 0 },
    description,
    program: programOf(path, self),
    after,
    pidfiles: findPidfiles(header, text),
    supervise: isSupervised(script, effective(defaults, 'supervise')),
    timeoutMs: effective(defaults, 'initd_timeout'),
  };
}

const isSupervised = (script: string, supervise: Supervise) =>
  typeof supervise === 'string' ? supervise === 'all' : supervise.includes(script);

function programOf(path: string, self: Credentials | null): ProgramPlan {
  return {
    path,
    argv: [path],
    passEnvironment: ['LANG', 'TZ'],
    environment: ENVIRONMENT,
    directory: '/',
    credentials: self ?? ROOT,
    umask: 0o022,
    nice: 0,
    limits: [],
    stderr: 'client',
  };
}

function checked({ path, header, enabled }: FoundScript): CheckedService {
  const { script } = header;
  return { id: script, name: script, status: enabled ? 'accepted' : 'disabled', attributes: {}, origins: { id: path } };
}
