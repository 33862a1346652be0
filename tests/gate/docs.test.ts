import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileTables, optionTable } from '../../src/access/index.js';
import { findAttribute } from '../../src/config/attributes/table.js';
import type { GatePlan } from '../../src/config/plan.js';
import { Bans } from '../../src/gate/bans.js';
import { checkKinds, compileGate } from '../../src/gate/gate.js';
import { refusalReasons } from '../../src/report/event.js';

const docs = readFileSync(new URL('../../docs/gate.md', import.meta.url), 'utf8');

const everything: GatePlan = {
  order: 'superd',
  queue: null,
  session: null,
  enforce: 'on',
  sensor: null,
  banAfter: null,
  instances: 1,
  perSource: 1,
  cps: { max: 1, waitSeconds: 1, scope: 'service' },
  rate: { perSecond: 1, burst: 1 },
  perPrefix: [{ family: 4, length: 24, most: 1 }],
  exempt: [],
  maxLoad: 1,
  accessTimes: [],
  onlyFrom: { prefixes: [], names: [] },
  noAccess: { prefixes: [], names: [] },
  wrappers: 'x',
  origins: {},
  requiresIdent: true,
};
const context = {
  running: () => 0,
  processLimit: 1,
  load: () => 0,
  minuteOfDay: () => 0,
  tables: () => compileTables({ allow: { path: 'a', content: '' }, deny: { path: 'd', content: '' } }),
  bans: new Bans(),
  hashKey: () => [1, 2] as const,
  reportEvictions: () => {},
};
const orderOf = (order: GatePlan['order']) => compileGate({ ...everything, order }, context, 'address').checks.map(({ reason }) => reason);

describe('docs/gate.md', () => {
  const rows = [...docs.matchAll(/^\| `(\w+)` \| .* \| [`a-z_,= A-Z-]+ \|$/gm)].map(([, reason]) => reason);

  it('has the checks in their order', () => expect(rows.filter((reason) => reason !== 'sensor')).toEqual(orderOf('superd')));

  it('has the order of xinetd', () =>
    expect(docs).toContain(
      `the order is ${orderOf('xinetd')
        .map((reason) => `\`${reason}\``)
        .join(', ')}`,
    ));

  it('has every reason code', () => expect(['proxy', 'reflector', ...rows, 'internal'].sort()).toEqual([...refusalReasons].sort()));

  it('has every option of a rule but allow and deny', () => {
    for (const { name } of optionTable) if (name !== 'allow' && name !== 'deny') expect(docs).toContain(`\`${name}\``);
  });
});

describe('a check', () => {
  it('names only attributes that exist', () => {
    const names = [...checkKinds.values()].flatMap(({ attributes }) => attributes);
    expect(names.filter((name) => findAttribute(name) !== name)).toEqual([]);
  });
});
