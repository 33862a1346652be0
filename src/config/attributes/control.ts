import { type Attribute, defineAttribute } from './attribute.js';

/** A user, or with `@` a group; by name or by number. */
export interface Account {
  readonly kind: 'user' | 'group';
  readonly name: string | number;
}

const accounts = (name: 'control_admin' | 'control_read', doc: string): Attribute<readonly Account[]> =>
  defineAttribute<readonly Account[]>({
    name,
    where: 'defaults',
    count: [0, Infinity],
    text: 'list',
    extension: true,
    guards: true,
    initial: null,
    usage: '[USER | @GROUP]...',
    doc,
    parse(words, report) {
      const read = words.map(account);
      if (!read.includes(null)) return read as Account[];
      report.error('bad-value', '"@" alone names nobody; wanted a user, or @ and a group, as in "alice @operators"');
      return null;
    },
    format: (list) => list.map(({ kind, name: one }) => `${kind === 'group' ? '@' : ''}${one}`).join(' '),
    combine: { add: (to, what) => [...to, ...what] },
  });

function account(word: string): Account | null {
  const kind = word.startsWith('@') ? 'group' : 'user';
  const name = kind === 'group' ? word.slice(1) : word;
  if (name === '') return null;
  return { kind, name: /^\d{1,10}$/.test(name) ? Number(name) : name };
}

export const controlAdmin = accounts(
  'control_admin',
  `Who may use every verb of superctl(1), beside root and the user superd runs as. They are equal to root: a configuration of theirs runs
what it wants as whom it wants.`,
);
export const controlRead = accounts(
  'control_read',
  'Who may use the verbs of superctl(1) that change nothing. They see who is connected, and the configuration without the values of *env*.',
);
