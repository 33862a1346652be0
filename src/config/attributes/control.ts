import { type AttributeSpec, attribute, section } from './attribute.js';
import { DEFAULTS_ONLY } from './defaults-only.js';

/** A user, or with `@` a group; by name or by number. */
export interface Account {
  readonly kind: 'user' | 'group';
  readonly name: string | number;
}

const accounts = (doc: string, path: 'control.admin' | 'control.read'): AttributeSpec<readonly Account[]> =>
  attribute<readonly Account[]>({
    where: 'defaults',
    appliesTo: 'any',
    count: [0, Infinity],
    text: 'list',
    extension: true,
    guards: true,
    initial: null,
    usage: '[USER | @GROUP]...',
    doc,
    plan: [path],
    parse(words, report) {
      const read = words.map(account);
      if (!read.includes(null)) return read as Account[];
      report.error('bad-value', '"@" names no group; wanted a user, or @ and a group, as in "alice @operators"');
      return null;
    },
    format: (list) => list.map(({ kind, name }) => `${kind === 'group' ? '@' : ''}${name}`).join(' '),
    combine: { add: (to, what) => [...to, ...what] },
  });

function account(word: string): Account | null {
  const kind = word.startsWith('@') ? 'group' : 'user';
  const name = kind === 'group' ? word.slice(1) : word;
  if (name === '') return null;
  return { kind, name: /^\d{1,10}$/.test(name) ? Number(name) : name };
}

export const control = section(DEFAULTS_ONLY, {
  control_admin: accounts(
    `Users and groups that may use every verb of superctl(1), besides root and the user superd runs as. They have the power of root: a
configuration they write runs any program as any user.`,
    'control.admin',
  ),
  control_read: accounts(
    `Users and groups that may use the verbs of superctl(1) that change nothing. They see the clients, and the configuration without the
values of *env*.`,
    'control.read',
  ),
});
