import { type AttributeSpec, attribute, section } from './attribute.js';
import { pathTo, yesOrNo } from './choice.js';
import { addressList, type NumericEntry, numericEntry } from './source-list.js';

/** The section of attributes that only `defaults` blocks have. */
export const DEFAULTS_ONLY = 'Only in defaults';

const idList = (doc: string): AttributeSpec<readonly string[]> =>
  attribute<readonly string[]>({
    where: 'defaults',
    appliesTo: 'any',
    count: [0, Infinity],
    text: 'list',
    guards: true,
    initial: null,
    usage: '[ID]...',
    doc,
    plan: [],
    parse: (words) => words,
    format: (ids) => ids.join(' '),
    combine: { add: (to, what) => [...new Set([...to, ...what])] },
  });

const rulesFile = <I extends string>(initial: I, doc: string, path: 'tables.allow' | 'tables.deny') =>
  pathTo('a file of access rules', { where: 'defaults', appliesTo: 'any', extension: true, guards: true, initial, doc, plan: [path] });

export const defaultsOnly = section(DEFAULTS_ONLY, {
  enabled: idList('When written, superd runs only the services with these ids, in upper or lower case.'),
  disabled: idList('superd does not run the services with these ids, even when *enabled* names them.'),
  strict: yesOrNo({
    where: 'defaults',
    appliesTo: 'any',
    extension: true,
    guards: true,
    initial: false,
    doc: `no: when a line has a mistake that xinetd forgives, superd warns, and takes the one sensible meaning of the line or ignores the line as xinetd does.
yes: such a line is an error, and superd rejects its service. "superd --check --strict" shows which services that would be.`,
    plan: [],
  }),
  hosts_allow: rulesFile('/etc/hosts.allow', 'The first file of access rules, see hosts_access(5).', 'tables.allow'),
  hosts_deny: rulesFile('/etc/hosts.deny', 'The second file of access rules, see hosts_access(5).', 'tables.deny'),
  ban_exempt: addressList<NumericEntry>(
    {
      where: 'defaults',
      appliesTo: 'any',
      extension: true,
      usage: '[ADDRESS | NETWORK]...',
      doc: 'Clients that superd never bans, whatever they do, written as in *only_from* but without names.',
      plan: ['banExempt'],
    },
    numericEntry,
  ),
});
