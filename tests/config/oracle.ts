import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Loaded, load } from '../../src/config/load.js';
import { type Disk, disk } from '../../src/config/read.js';
import type { NssAnswer, NssQuestion } from '../../src/os/binding.js';

/** The real xinetd's verdict on one file; see the README beside the files. */
export interface Verdict {
  readonly file: string;
  readonly accepted: readonly Accepted[];
  readonly errors: readonly string[];
  readonly daemon_started: boolean;
  readonly etc_services_added: readonly string[];
  readonly services?: readonly { readonly service: string; readonly id: string; readonly line: number; readonly status: string }[];
  readonly services_in_file: readonly string[];
  /** The same with every `disable = yes` turned to no. */
  readonly enabled?: Omit<Verdict, 'file'>;
}

export interface Accepted {
  readonly id: string;
  readonly service: string;
  readonly attributes: Readonly<Record<string, string | boolean | readonly string[]>>;
}

/** The folder of real files, or null without one. */
export function corpusFolder(): string | null {
  const shared = process.env['SUPERD_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
  const folder = join(shared, 'corpus');
  return existsSync(join(folder, 'oracle.jsonl')) ? folder : null;
}

export function readVerdicts(folder: string, name: string): Verdict[] {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Verdict);
}

/** Every server exists; includes lead into the tree, `includedir` of anything else is empty. */
function provisionedDisk(folder: string, main: string, turnedOn: boolean): Disk {
  const tree = main.startsWith('trees/') ? join(folder, main) : null;
  const place = (path: string) => (tree === null ? path : join(tree, path.replace(/^.*?(?=xinetd\.(?:conf|d))/, '')));
  return {
    readText(path) {
      const text = disk.readText(tree === null ? path : place(path), Infinity);
      return turnedOn ? text.replace(/^(\s*disable\s*=\s*)yes\b/gim, '$1no') : text;
    },
    list: (path) => (tree !== null && basename(path) === 'xinetd.d' && existsSync(place(path)) ? disk.list(place(path)) : []),
    kind: (path) => (tree === null ? (path.startsWith(folder) ? 'file' : 'missing') : disk.kind(place(path))),
    executable: () => 'yes',
    weakness: () => null,
    highestLimit: () => Infinity,
    devices: () => [],
    unrunnable: () => null,
    ownAddresses: async () => [],
  };
}

interface Databases {
  readonly users: ReadonlyMap<string, readonly [uid: number, gid: number]>;
  readonly groups: ReadonlyMap<string, number>;
  readonly services: ReadonlyMap<string, number>;
  readonly protocols: ReadonlyMap<string, number>;
}

const rows = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');

export function readDatabases(): Databases {
  const services = new Map<string, number>();
  for (const [name = '', place = '', ...aliases] of rows('/etc/services').map((line) => line.split(/\s+/))) {
    const [port, protocol] = place.split('/');
    for (const one of [name, ...aliases]) if (!services.has(`${one}/${protocol}`)) services.set(`${one}/${protocol}`, Number(port));
  }
  const passwd = rows('/etc/passwd').map((line) => line.split(':'));
  return {
    users: new Map(passwd.map(([name = '', , uid, gid]) => [name, [Number(uid), Number(gid)]])),
    groups: new Map(rows('/etc/group').map((line) => [line.split(':')[0] as string, Number(line.split(':')[2])])),
    services,
    protocols: new Map(rows('/etc/protocols').flatMap((line) => line.split(/\s+/).map((name, _i, all) => [name, Number(all[1])] as const))),
  };
}

/** Users and groups exist whatever their names; the names of the oracle's services(5) are known; DNS knows localhost alone. */
function provisionedLookUp(verdict: Pick<Verdict, 'etc_services_added'>, known: Databases) {
  const services = new Map(known.services);
  for (const line of verdict.etc_services_added) {
    const [name = '', place = ''] = line.split(/\s+/);
    services.set(`${name}/${place.split('/')[1]}`, Number(place.split('/')[0]));
  }
  const answer = (question: NssQuestion): NssAnswer | null => {
    switch (question[0]) {
      case 'user': {
        if (typeof question[1] === 'number') return null;
        const [uid, gid] = known.users.get(question[1]) ?? [2000, 2000];
        return { kind: 'user', name: question[1], uid, gid, directory: '/', shell: '/bin/sh' };
      }
      case 'group':
        return { kind: 'group', name: String(question[1]), gid: known.groups.get(String(question[1])) ?? 2000 };
      case 'groups-of-user':
        return { kind: 'groups-of-user', gids: [question[2]] };
      case 'service': {
        const port = services.get(`${question[1]}/${question[2]}`);
        return port === undefined ? null : { kind: 'service', name: String(question[1]), port, protocol: question[2] };
      }
      case 'protocol': {
        const number = known.protocols.get(String(question[1]));
        return number === undefined ? null : { kind: 'protocol', name: String(question[1]), number };
      }
      case 'addresses':
        return question[1] === 'localhost' ? { kind: 'addresses', addresses: ['127.0.0.1', '::1'] } : null;
      default:
        return null;
    }
  };
  return async (questions: readonly NssQuestion[]) => questions.map(answer);
}

/** Loads a file of the corpus under the conditions of the real xinetd's run. */
export function loadAsOracle(folder: string, verdict: Verdict, known: Databases, turnedOn: boolean): Promise<Loaded> {
  const inTree = verdict.file.startsWith('trees/');
  const inetd = verdict.file.startsWith('inetd/');
  return load({
    path: inTree ? 'xinetd.conf' : inetd ? '/dev/null' : join(folder, verdict.file),
    inetdConf: inetd ? join(folder, verdict.file) : null,
    lookUp: provisionedLookUp(
      turnedOn ? { etc_services_added: [...verdict.etc_services_added, ...(verdict.enabled?.etc_services_added ?? [])] } : verdict,
      known,
    ),
    disk: provisionedDisk(folder, verdict.file, turnedOn),
  });
}
