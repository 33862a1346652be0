import { roffText } from '../roff.js';
import { commands } from './table.js';

interface CommandFlag {
  readonly kind: string;
  readonly default?: unknown;
  readonly brief: string;
  readonly placeholder?: string;
  readonly optional?: boolean;
}

interface Positional {
  readonly kind: 'array' | 'tuple';
  readonly minimum?: number;
  readonly parameter?: { readonly placeholder?: string };
  readonly parameters?: readonly { readonly placeholder?: string }[];
}

/** What the table of commands tells of a verb, or of a word that has verbs below it. */
interface CommandTarget {
  readonly brief: string;
  readonly fullDescription?: string | undefined;
  readonly parameters?: {
    readonly flags?: Readonly<Record<string, CommandFlag>>;
    readonly aliases?: Readonly<Record<string, string>>;
    readonly positional?: Positional;
  };
  getAllEntries?(): readonly CommandEntry[];
}

interface CommandEntry {
  readonly name: { readonly original: string };
  readonly aliases: readonly string[];
  readonly target: CommandTarget;
}

/** The page superctl(1) in mdoc(7); its verbs come from the table of commands. */
export function renderManual(): string {
  return `${HEAD}${entriesOf(commands as unknown as CommandTarget, '')
    .map(renderVerb)
    .join('')}${TAIL}`;
}

/** The verbs of a table, those of two words spelled out. */
function entriesOf(table: CommandTarget, before: string): CommandEntry[] {
  return (table.getAllEntries?.() ?? []).flatMap((entry) => {
    const name = { original: `${before}${entry.name.original}` };
    return entry.target.getAllEntries === undefined ? [{ ...entry, name }] : entriesOf(entry.target, `${name.original} `);
  });
}

function renderVerb({ name, aliases, target }: CommandEntry): string {
  const { flags = {}, aliases: letters = {}, positional } = target.parameters ?? {};
  const options = Object.entries(flags).map(([flag, about]) => ({ spelled: spelling(flag, about, letters), about }));
  const synopsis = [
    `.It Ic ${name.original}`,
    ...options.map(({ spelled, about }) => bracketed(spelled, isOptional(about))),
    ...wordsOf(positional),
  ];
  const also = aliases.length === 0 ? '' : `Also\n${aliases.map((alias) => `.Ic ${alias}`).join(' ,\n')} .\n`;
  const list = options.map(({ spelled, about }) => `.It ${spelled}\n${sentence(about.brief)}\n`).join('');
  const text = sentence(target.brief) + (target.fullDescription === undefined ? '' : `\n.Pp\n${sentence(target.fullDescription)}`);
  return `${synopsis.join(' ')}\n${text}\n${also}${list === '' ? '' : `.Bl -tag -width Ds -compact\n${list}.El\n`}`;
}

/** A flag that is on unless it is said otherwise is written with its `no-`. */
function spelling(flag: string, { kind, default: usual, placeholder }: CommandFlag, letters: Readonly<Record<string, string>>): string {
  const kebab = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const long = `Fl -${kind === 'boolean' && usual === true ? 'no-' : ''}${kebab}`;
  const letter = Object.keys(letters).find((one) => letters[one] === flag);
  const value = kind === 'boolean' ? '' : ` Ar ${placeholder ?? 'value'}`;
  return `${letter === undefined ? '' : `Fl ${letter} | `}${long}${value}`;
}

const isOptional = ({ optional, default: usual }: CommandFlag) => optional === true || usual !== undefined;
const bracketed = (text: string, optional: boolean) => (optional ? `Oo ${text} Oc` : text);

function wordsOf(positional: Positional | undefined): string[] {
  if (positional?.kind === 'array') {
    const word = `Ar ${positional.parameter?.placeholder ?? 'word'} ...`;
    return [bracketed(word, (positional.minimum ?? 0) === 0)];
  }
  return (positional?.parameters ?? []).map(({ placeholder }) => `Ar ${placeholder ?? 'word'}`);
}

function sentence(text: string): string {
  return roffText(/[.:!?]$/.test(text) ? text : `${text}.`);
}

const HEAD = `.\\" Made by scripts/manual.mjs from src/cli/manual.ts and the commands of src/cli/table.ts; edit there.
.Dd November 22, 2026
.Dt SUPERCTL 1
.Os
.Sh NAME
.Nm superctl
.Nd look at superd and command it
.Sh SYNOPSIS
.Nm
.Op Fl -socket Ar SOCKET
.Op Ar verb
.Op Ar option ...
.Op Ar word ...
.Sh DESCRIPTION
.Nm
asks the running
.Xr superd 8
through its control socket.
Without a verb it lists the services.
.Pp
A
.Ar service
is an id or a name, a pattern with * and ?, or all.
Data goes to standard output and everything else to standard error.
Tables are cut to the width of a terminal, and nothing is cut in a pipe.
.Bl -tag -width Ds
.It Fl -socket Ar SOCKET
Ask the superd that answers there.
.El
.Pp
The verbs:
.Bl -tag -width Ds
`;

const TAIL = `.El
.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev NO_COLOR
Set to anything, no colours are used on a terminal.
.It Ev XDG_RUNTIME_DIR
Where the control socket of a superd without root is looked for.
.El
.Sh FILES
.Bl -tag -width Ds
.It Pa /run/superd/control.sock
the control socket
.It Pa $XDG_RUNTIME_DIR/superd/control.sock
that of a superd without root, which comes first
.El
.Sh EXIT STATUS
.Bl -tag -width 111
.It 0
done
.It 1
asked, and the answer is no
.It 3
.Ic status :
a service does not run
.It 4
.Ic status :
a service is unknown
.It 100
the command line or the configuration is wrong
.It 101
superd itself is wrong
.It 111
the machine refused something, or no superd answers
.El
.Sh SEE ALSO
.Xr superd.conf 5 ,
.Xr superd 8
`;
