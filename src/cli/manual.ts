import { roffText } from '../roff.js';
import { commands } from './table.js';
import { describeVerbs, type FlagDescription, type VerbDescription } from './verbs.js';

/** The page superctl(1) in mdoc(7); its verbs come from the table of commands. */
export function renderManual(): string {
  const verbs = describeVerbs(commands).filter(({ isGroup }) => !isGroup);
  return `${HEAD}${verbs.map(renderVerb).join('')}${TAIL}`;
}

function renderVerb({ words, aliases, summary, description, flags, arguments: args }: VerbDescription): string {
  const synopsis = [
    `.It Ic ${words.join(' ')}`,
    ...flags.map((flag) => `${bracketed(spelling(flag), flag.isRequired)}${flag.isRepeated ? ' ...' : ''}`),
    ...args.map(({ name, isRequired, isRepeated }) => bracketed(`Ar ${name}${isRepeated ? ' ...' : ''}`, isRequired)),
  ];
  const text = sentence(summary) + (description === null ? '' : `\n.Pp\n${sentence(description)}`);
  const also = aliases.length === 0 ? '' : `Also\n${aliases.map((alias) => `.Ic ${alias}`).join(' ,\n')} .\n`;
  const list = flags.map((flag) => `.It ${spelling(flag)}\n${sentence(flag.summary)}\n${initialOf(flag)}`).join('');
  return `${synopsis.join(' ')}\n${text}\n${also}${list === '' ? '' : `.Bl -tag -width Ds -compact\n${list}.El\n`}`;
}

function spelling({ name, letter, value }: FlagDescription): string {
  return `${letter === null ? '' : `Fl ${letter} | `}Fl -${name}${value === null ? '' : ` Ar ${value}`}`;
}

const initialOf = ({ initial }: FlagDescription) => (initial === null ? '' : `The default is ${initial}.\n`);
const bracketed = (text: string, isRequired: boolean) => (isRequired ? text : `Oo ${text} Oc`);
const sentence = (text: string) => roffText(/[.:!?]$/.test(text) ? text : `${text}.`);

const HEAD = `.\\" Written by scripts/manual.mjs from src/cli/manual.ts and the commands of src/cli/table.ts; edit there.
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
Data goes to standard output, everything else to standard error.
On a terminal, tables are cut to its width; in a pipe nothing is cut.
.Bl -tag -width Ds
.It Fl -socket Ar SOCKET
Use the control socket at this path.
.El
.Pp
The verbs:
.Bl -tag -width Ds
`;

const TAIL = `.El
.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev NO_COLOR
When set, superctl uses no colours.
.It Ev XDG_RUNTIME_DIR
Where superctl looks for the control socket of a superd without root.
.El
.Sh FILES
.Bl -tag -width Ds
.It Pa /run/superd/control.sock
the control socket of the machine's superd
.It Pa $XDG_RUNTIME_DIR/superd/control.sock
the control socket of the user's own superd, which comes first
.It Pa $XDG_STATE_HOME/superd/control.sock , Pa ~/.local/state/superd/control.sock
the same of a superd without XDG_RUNTIME_DIR
.El
.Sh EXIT STATUS
.Bl -tag -width 111
.It 0
success
.It 1
superd answered no
.It 3
.Ic status :
a service does not run
.It 4
.Ic status :
a service is unknown
.It 100
a mistake in the command line or the configuration
.It 101
a defect of superd
.It 111
a system call failed, or no superd answers
.El
.Sh SEE ALSO
.Xr superd.conf 5 ,
.Xr superd 8
`;
