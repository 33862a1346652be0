/** What of a plan is called otherwise in the configuration than its own name in snake_case. */
const NAMES: Readonly<Record<string, string>> = {
  'program.path': 'server',
  'program.argv': 'server_args',
  'program.environment': 'env',
  'program.passEnvironment': 'passenv',
  'program.credentials.uid': 'user',
  'program.credentials.gid': 'group',
  'program.credentials.groups': 'groups',
  'program.limits': 'rlimits',
  'endpoint.family': 'flags',
  'endpoint.type': 'socket_type',
  'endpoint.protocol': 'protocol',
  'endpoint.address': 'bind',
  'log.sink': 'log_type',
  'log.onSuccess': 'log_on_success',
  'log.onFailure': 'log_on_failure',
  readyTimeoutMs: 'ready_timeout',
  restartDelayMs: 'restart_delay',
  stopTimeoutMs: 'stop_timeout',
  watchdogMs: 'watchdog',
  outputKeep: 'log_keep',
  'gate.wrappers': 'libwrap',
  'gate.order': 'gate_order',
};

/** Parts that are told of with their own parts; of all others it is only told that they differ. */
const OPENED: ReadonlySet<string> = new Set(['', 'endpoint', 'program', 'program.credentials', 'gate', 'log']);

/** Where it stands changes with every line written above it. */
const PASSED_OVER: ReadonlySet<string> = new Set(['origin', 'gate.origins']);

/**
 * The attributes in which two plans of a service differ, as they are called in the configuration where there is a name for them.
 *
 * @example planChanges({ gate: { perSource: 3 } }, { gate: { perSource: 5 } }) // ['per_source']
 */
export function planChanges(before: object, after: object): string[] {
  return [...new Set(differences(before, after, ''))];
}

function differences(before: object, after: object, path: string): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (PASSED_OVER.has(at)) return [];
    const [a, b] = [(before as Record<string, unknown>)[name], (after as Record<string, unknown>)[name]];
    if (isEqual(a, b)) return [];
    if (OPENED.has(at) && isObject(a) && isObject(b)) return differences(a, b, at);
    return [NAMES[at] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof Set && b instanceof Set) return a.size === b.size && [...a].every((one) => b.has(one));
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
