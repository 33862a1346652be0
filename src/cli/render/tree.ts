import type { Result } from '../../control/protocol.js';
import type { OutputStyle } from '../terminal.js';
import { TONES } from './list.js';
import { type Column, renderTable } from './table.js';

type Node = Result<'tree'>['services'][number];
type Link = Node['after'][number];

const STATE: Column = { title: 'STATE' };
const COLUMNS: readonly Column[] = [
  { title: 'KIND', spare: 2 },
  { title: 'BY', least: 14 },
  { title: 'ALSO AFTER', least: 10, spare: 1 },
];

/** Each service once, below the last service that it waits for; the others are listed beside it. */
export function renderTree(services: readonly Node[], style: OutputStyle): string {
  if (services.length === 0) return 'no service starts with superd\n';
  const withState = services.some(({ state }) => state !== null);
  const rows = placed(services).map(({ node, branch, by, also }) => [
    { text: `${branch}${node.id}` },
    ...(!withState ? [] : [node.state === null ? { text: '' } : { text: node.state, tone: TONES[node.state] }]),
    { text: node.kind },
    { text: by === null ? '' : describe(by) },
    { text: also.map(({ id }) => id).join(' ') },
  ]);
  return renderTable([{ title: 'SERVICE', least: 24 }, ...(withState ? [STATE] : []), ...COLUMNS], rows, style);
}

interface Placed {
  readonly node: Node;
  /** The lines of the tree before its name. */
  readonly branch: string;
  /** Why it waits for its parent; null at a root. */
  readonly by: Link | null;
  /** What else it waits for that its parent does not. */
  readonly also: readonly Link[];
}

/** The services in the order of the lines. */
export function placed(services: readonly Node[]): Placed[] {
  const byId = new Map(services.map((node) => [node.id, node]));
  const earlier = new Map<string, ReadonlySet<string>>();
  const before = (id: string): ReadonlySet<string> => {
    const known = earlier.get(id);
    if (known !== undefined) return known;
    const found = new Set<string>();
    earlier.set(id, found);
    for (const one of byId.get(id)?.after ?? []) for (const each of [one.id, ...before(one.id)]) found.add(each);
    return found;
  };
  const depths = depthsOf(byId);
  const parents = new Map<string, Link>();
  for (const { id, after } of services) {
    const shown = after.filter((one) => byId.has(one.id));
    const last = shown.sort((a, b) => (depths.get(b.id) ?? 0) - (depths.get(a.id) ?? 0))[0];
    if (last !== undefined) parents.set(id, last);
  }
  const lines: Placed[] = [];
  const walk = (node: Node, branch: string, below: string) => {
    const by = parents.get(node.id) ?? null;
    const also = node.after.filter(({ id }) => by !== null && id !== by.id && !before(by.id).has(id));
    lines.push({ node, branch, by, also });
    const children = services.filter(({ id }) => parents.get(id)?.id === node.id);
    for (const [i, child] of children.entries()) {
      const isLast = i === children.length - 1;
      walk(child, `${below}${isLast ? '└─ ' : '├─ '}`, `${below}${isLast ? '   ' : '│  '}`);
    }
  };
  for (const node of services) if (!parents.has(node.id)) walk(node, '', '');
  return lines;
}

/** For each service, the length of the longest chain of services that it waits for. */
function depthsOf(byId: ReadonlyMap<string, Node>): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const depth = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    depths.set(id, 0);
    const found = 1 + Math.max(-1, ...(byId.get(id)?.after ?? []).map((one) => depth(one.id)));
    depths.set(id, found);
    return found;
  };
  for (const id of byId.keys()) depth(id);
  return depths;
}

const describe = ({ id, how, name }: Link) => (name === id ? how : `${how} ${name}`);
