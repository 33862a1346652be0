/** The header comments of an init script: the block of the Linux Standard Base, and the lines of chkconfig(8). */
export interface InitHeader {
  /** The name of the file, which the service always provides too. */
  readonly script: string;
  /** Names of services, and facilities with their $. */
  readonly provides: readonly string[];
  readonly requiredStart: readonly string[];
  readonly shouldStart: readonly string[];
  readonly startBefore: readonly string[];
  readonly requiredStop: readonly string[];
  readonly shouldStop: readonly string[];
  /** The run levels in which it starts; null when unspecified, empty for none. */
  readonly defaultStart: readonly string[] | null;
  readonly description: string;
  /** 0 to 99; null without a chkconfig line. */
  readonly priority: { readonly start: number; readonly stop: number } | null;
  /** `# pidfile:` of chkconfig(8), absolute. */
  readonly pidfiles: readonly string[];
}

/** How far into a script superd reads: headers are at its beginning. */
const LONGEST_HEADER = 65_536;

const LIST_KEYS = [
  'provides',
  'required-start',
  'should-start',
  'x-start-before',
  'required-stop',
  'should-stop',
  'default-start',
] as const;
type ListKey = (typeof LIST_KEYS)[number];

/**
 * Reads the header comments of an init script. Missing parts are empty, and nothing is an error.
 *
 * @param script The name of its file, without the directory.
 * @example readInitHeader('cron', '### BEGIN INIT INFO\n# Provides: cron\n### END INIT INFO\n').provides // ['cron']
 */
export function readInitHeader(script: string, text: string): InitHeader {
  const lines = text.slice(0, LONGEST_HEADER).split(/\r?\n/);
  const { lists, description } = readLsb(lines);
  const chkconfig = readChkconfig(lines);
  const provides = lists.get('provides') ?? [];
  const levels = lists.get('default-start') ?? chkconfig.levels;
  return {
    script,
    provides: provides.length === 0 ? [script] : provides,
    requiredStart: lists.get('required-start') ?? [],
    shouldStart: lists.get('should-start') ?? [],
    startBefore: lists.get('x-start-before') ?? [],
    requiredStop: lists.get('required-stop') ?? [],
    shouldStop: lists.get('should-stop') ?? [],
    defaultStart: levels,
    description: description === '' ? chkconfig.description : description,
    priority: chkconfig.priority,
    pidfiles: chkconfig.pidfiles,
  };
}

/** Whether a script has either kind of header. */
export function hasInitHeader(text: string): boolean {
  return /^#{2,}\s*BEGIN INIT INFO|^#\s*chkconfig:\s*(-|[0-6sS]+)\s+\d{1,2}\s+\d{1,2}\b/m.test(text.slice(0, LONGEST_HEADER));
}

function readLsb(lines: readonly string[]): { lists: Map<ListKey, string[]>; description: string } {
  const lists = new Map<ListKey, string[]>();
  let description = '';
  let inside = false;
  for (const line of lines) {
    // Some scripts write two # instead of three.
    if (/^#{2,}\s*BEGIN INIT INFO/.test(line)) inside = true;
    else if (inside && /^#{2,}\s*END INIT INFO/.test(line)) break;
    if (!inside) continue;
    const match = /^#\s*([A-Za-z-]+)\s*:\s*(.*?)\s*$/.exec(line);
    const key = match?.[1]?.toLowerCase() ?? '';
    const value = match?.[2] ?? '';
    const known = LIST_KEYS.find((one) => one === key);
    // The first line counts, as for insserv(8).
    if (known !== undefined && !lists.has(known)) lists.set(known, words(value));
    else if (key === 'short-description' || (key === 'description' && description === '')) description = value;
  }
  return { lists, description };
}

function readChkconfig(lines: readonly string[]): Pick<InitHeader, 'priority' | 'pidfiles' | 'description'> & { levels: string[] | null } {
  let priority: InitHeader['priority'] = null;
  let levels: string[] | null = null;
  let description = '';
  const pidfiles: string[] = [];
  for (const line of lines) {
    const order = /^#\s*chkconfig:\s*(-|[0-6sS]+)\s+(\d{1,2})\s+(\d{1,2})\b/.exec(line);
    const pidfile = /^#\s*pidfile:\s*(\/\S+)/.exec(line);
    const said = /^#\s*description:\s*(.*?)\s*\\?\s*$/.exec(line);
    if (order !== null && priority === null) {
      priority = { start: Number(order[2]), stop: Number(order[3]) };
      levels = order[1] === '-' ? [] : [...(order[1] as string)];
    } else if (pidfile !== null) pidfiles.push(pidfile[1] as string);
    else if (said !== null && description === '') description = said[1] as string;
  }
  return { priority, levels, description, pidfiles };
}

/** Some scripts in the wild separate names by commas, which no name contains. */
function words(value: string): string[] {
  return value.split(/[\s,]+/).filter((word) => word !== '');
}
