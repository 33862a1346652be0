import type { NssQuestion } from '../os/binding.js';
import { type CheckedService, type CheckReport, checkedService } from './check.js';
import { type DaemonDraft, orderDaemons } from './daemon-order.js';
import { isStrict, readDefaults, reportLateDefaults, reportUnknownIds } from './defaults.js';
import { type Diagnostic, Findings } from './diagnostic.js';
import { parseInetdConf } from './dialects/inetd-conf.js';
import { isRedirect, type ServiceDraft } from './draft.js';
import { type DraftContext, draftService } from './draft-service.js';
import { dropDuplicates } from './duplicates.js';
import type { Block } from './entries.js';
import { gather, type Safety } from './gather.js';
import { planInitScripts, readInitScripts } from './init-scripts.js';
import { metricsService } from './metrics-service.js';
import { NssFacts, type NssLookUp } from './nss-facts.js';
import type { Credentials, Plan, ServicePlan } from './plan.js';
import { groupQuestions, questions } from './questions.js';
import { type Disk, disk as realDisk } from './read.js';
import { dropRedirectLoops } from './redirect-loops.js';
import { mistakesOfBlocks, type Rejection, rejectionOf } from './rejections.js';
import { controlQuestions, resolveControl } from './resolve/control.js';
import type { HostFacts } from './resolve/host-facts.js';
import { joinMuxed, type MuxedDraft } from './resolve/muxed.js';
import { type Resolved, resolveService } from './resolve/service.js';
import { effective, inheritable } from './settings.js';

export interface LoadOptions {
  readonly path: string;
  /** The path of an inetd.conf to read too (xinetd's -inetd_compat), or null. */
  readonly inetdConf: string | null;
  /** Answers NSS and DNS questions off the event loop within a deadline; null for no answer. */
  readonly lookUp: NssLookUp;
  /** The file system; tests pass their own. */
  readonly disk?: Disk;
  /** The credentials of a service without `user`. null, the usual, requires `user`; without root there is only one possibility. */
  readonly self?: Credentials | null;
  /** Services started by `superctl run`; enabled unless an operator has disabled them. */
  readonly runBlocks?: readonly Block[];
  /** Services that operators have enabled (true) or disabled by id; overrides the files. */
  readonly enabledByOperator?: ReadonlyMap<string, boolean>;
  /** As `strict = yes` in defaults: a mistake that xinetd forgives is an error too. */
  readonly strict?: boolean;
  /** Default `preferred`: a file that others can change causes a warning. */
  readonly safety?: Safety;
}

export interface Loaded {
  readonly plan: Plan;
  /** Built on first use: a daemon does not need it. */
  readonly report: CheckReport;
  readonly diagnostics: readonly Diagnostic[];
  /** Host names in address lists without an address at present: a later load may resolve them. */
  readonly unresolved: readonly string[];
  /** The rejected services of the plan, with what may make them run. */
  readonly rejections: readonly Rejection[];
  /** The ids of all blocks, disabled ones included. */
  readonly ids: ReadonlySet<string>;
  /** Users and groups of the control socket for whom the name service has not answered. */
  readonly controlAwaits: readonly NssQuestion[];
  /** Mistakes that concern other services than the one they are in. */
  readonly shared: SharedMistakes;
}

interface SharedMistakes {
  /** Of `defaults`. */
  readonly defaults: readonly Diagnostic[];
  /** Outside of every block, or of an include: a service may be missing because of it. */
  readonly hiding: readonly Diagnostic[];
}

/**
 * Reads a configuration, from text to plan. A service with an error is rejected and absent from the plan; the others stay.
 *
 * @throws ConfigError `config-unreadable` when the main file cannot be read, and in no other case.
 * @example (await load({ path: '/etc/xinetd.conf', inetdConf: null, lookUp })).plan.services.length
 */
export async function load({
  path,
  inetdConf,
  lookUp,
  disk = realDisk,
  self = null,
  enabledByOperator,
  runBlocks = [],
  strict,
  safety = 'preferred',
}: LoadOptions): Promise<Loaded> {
  const inetd = inetdConf === null ? undefined : { path: inetdConf, parse: parseInetdConf };
  const { blocks, files, findings } = gather(path, disk, safety, inetd);
  const leniency = strict === true || isStrict(blocks) ? 'strict' : 'lenient';
  const shared = new Findings('full', leniency);
  const defaults = readDefaults(blocks, shared);
  const inDefaults = shared.diagnostics.filter(({ severity }) => severity === 'error');
  const inherited = inheritable(defaults);
  const context: DraftContext = { defaults, inherited, leniency, enabledByOperator };
  const written = blocks.filter((block) => block.kind === 'service').map((block) => draftService(block, context));
  const inFiles = [...written, metricsService(defaults, inherited)].filter((draft) => draft !== null);
  const drafts = [...inFiles, ...unlessTaken(runBlocks, inFiles, shared).map((block) => draftRunBlock(block, context))];
  reportLateDefaults(blocks, shared);

  const running = drafts.filter((draft) => !draft.disabled);
  const facts = new NssFacts();
  await facts.learn([...all(running, questions), ...controlQuestions(defaults)], lookUp);
  await facts.learn(
    all(running, (draft) => groupQuestions(draft, facts)),
    lookUp,
  );

  const ownAddresses = new Set(running.some(isRedirect) ? await disk.ownAddresses() : []);
  const executable = once(disk.executable);
  const unrunnable = once(disk.unrunnable);
  const hasSelinux = () => disk.kind('/sys/fs/selinux/enforce') === 'file';
  const host: HostFacts = {
    ...{ facts, executable, unrunnable, highestLimit: disk.highestLimit, hasSelinux, self, ownAddresses, shared },
    devices: () => disk.devices(),
    lists: new Map(),
    unresolved: new Set(),
  };
  const resolved = new Map<ServiceDraft, Resolved>(running.map((draft) => [draft, resolveService(draft, host)]));
  const control = resolveControl(defaults, facts, shared);
  const services = dropDuplicates(dropRedirectLoops(plansOf(resolved), ownAddresses));
  const muxed = joinMuxed(muxedOf(resolved), plansOf(resolved));
  const scripts = readInitScripts(defaults, { drafts, disk, switched: enabledByOperator ?? new Map() }, shared);
  const daemons = orderDaemons(daemonsOf(resolved), drafts, scripts);
  const scriptPlans = planInitScripts(scripts, defaults, { daemons, drafts, self }, shared);
  reportUnknownIds(
    defaults,
    [...drafts, ...scripts.checked].map(({ id }) => id),
    shared,
  );
  const { inside, outside: hiding } = mistakesOfBlocks(
    findings.flatMap((one) => one.diagnostics),
    blocks,
  );
  const brokenDefaults = blocks.filter(({ kind }) => kind === 'defaults').flatMap(({ origin }) => inside.get(origin) ?? []);
  const rejections = running.filter((draft) => !isAccepted(draft, resolved.get(draft))).map((draft) => rejectionOf(draft, inside, facts));
  const diagnostics = inOrder([...findings, shared, ...drafts.map((draft) => draft.findings)], files);
  const plan: Plan = {
    services,
    muxed,
    daemons,
    scripts: scriptPlans,
    rejected: rejections.map(({ id, name, activation, origin, problem }) => ({ id, name, activation, origin, problem })),
    files,
    tables: { allow: effective(defaults, 'hosts_allow'), deny: effective(defaults, 'hosts_deny') },
    control,
    banExempt: defaults.ban_exempt?.value.flatMap(({ prefixes }) => prefixes) ?? [],
  };
  let report: CheckReport | null = null;
  return {
    plan: deepFreeze(plan),
    diagnostics,
    unresolved: [...host.unresolved],
    rejections,
    ids: new Set([...drafts, ...scripts.checked].map(({ id }) => id)),
    controlAwaits: [...controlQuestions(defaults)].filter((question) => facts.failure(question) !== null),
    shared: { defaults: [...inDefaults, ...brokenDefaults], hiding },
    get report() {
      report ??= { services: [...drafts.map((draft) => checked(draft, resolved.get(draft))), ...scripts.checked], diagnostics };
      return report;
    },
  };
}

/** Services of the files take precedence. */
function unlessTaken(beside: readonly Block[], drafts: readonly ServiceDraft[], findings: Findings): Block[] {
  return beside.filter(({ name, origin }) => {
    const taken = drafts.find(({ id }) => id === name)?.block.origin;
    if (taken !== undefined)
      findings
        .at(origin)
        .warning(
          'duplicate-id',
          `is skipped: the service ${name} of ${taken.path}:${taken.line} takes precedence; superctl delete ${name} removes it`,
        );
    return taken === undefined;
  });
}

/** `enabled` in defaults does not apply to these services, and their mistakes are only warnings: a missing program must not reject a configuration. */
function draftRunBlock(block: Block, context: DraftContext): ServiceDraft {
  const isOn = context.enabledByOperator?.get(block.name) ?? true;
  return draftService(block, { ...context, enabledByOperator: new Map([[block.name, isOn]]) }, 'muffled');
}

function* all<T>(drafts: readonly ServiceDraft[], of: (draft: ServiceDraft) => Iterable<T>): Generator<T> {
  for (const draft of drafts) yield* of(draft);
}

/** Looks at each program once, however many services share it. */
function once<T>(look: (path: string) => T): (path: string) => T {
  const known = new Map<string, T>();
  return (path) => {
    if (!known.has(path)) known.set(path, look(path));
    return known.get(path) as T;
  };
}

function plansOf(resolved: ReadonlyMap<ServiceDraft, Resolved>): { draft: ServiceDraft; plan: ServicePlan }[] {
  return [...resolved].flatMap(([draft, { plan, also = [] }]) =>
    plan === null || plan.activation === 'boot' ? [] : [plan, ...also].map((one) => ({ draft, plan: one })),
  );
}

function muxedOf(resolved: ReadonlyMap<ServiceDraft, Resolved>): { draft: ServiceDraft; plan: MuxedDraft }[] {
  return [...resolved].flatMap(([draft, { muxed }]) => (muxed === undefined ? [] : [{ draft, plan: muxed }]));
}

function daemonsOf(resolved: ReadonlyMap<ServiceDraft, Resolved>): DaemonDraft[] {
  return [...resolved].flatMap(([draft, { plan }]) => (plan?.activation === 'boot' ? [{ draft, plan }] : []));
}

function checked(draft: ServiceDraft, resolved: Resolved | undefined): CheckedService {
  if (resolved === undefined) return checkedService(draft, 'disabled', null);
  return checkedService(draft, isAccepted(draft, resolved) ? 'accepted' : 'rejected', resolved.endpoint);
}

function isAccepted({ findings }: ServiceDraft, resolved: Resolved | undefined): boolean {
  return (resolved?.plan ?? resolved?.muxed ?? null) !== null && !findings.failed;
}

/** Sorted by the order of reading, as a compiler prints them; a message that many services inherit from one line appears once. */
function inOrder(findings: readonly Findings[], files: readonly string[]): Diagnostic[] {
  const rank = new Map([...files.entries()].reverse().map(([i, file]) => [file, i]));
  const place = (diagnostic: Diagnostic) => rank.get(diagnostic.path) ?? files.length;
  const once = new Map<string, Diagnostic>();
  for (const diagnostic of findings.flatMap((one) => one.diagnostics)) {
    const { path, line, severity, message } = diagnostic;
    const key = `${line} ${severity} ${message} ${path}`;
    if (!once.has(key)) once.set(key, diagnostic);
  }
  return [...once.values()].sort((a, b) => place(a) - place(b) || a.line - b.line);
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) deepFreeze(value[key]);
  return value;
}
