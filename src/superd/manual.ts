import { roffText } from '../roff.js';
import { OPTION_TABLE } from './options.js';

/** The page superd(8) in mdoc(7); its options come from the table. */
export function renderManual(): string {
  return `${HEAD}${OPTION_TABLE.map(renderOption).join('')}${TAIL}`;
}

function renderOption({ names, value, help }: (typeof OPTION_TABLE)[number]): string {
  const spelled = names.map((name) => `Fl ${name.slice(1)}${value === null ? '' : ` Ar ${value}`}`);
  return `.It ${spelled.join(' , ')}\n${capitalize(roffText(help))}.\n`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const HEAD = `.\\" Made by scripts/manual.mjs from src/superd/manual.ts and src/superd/options.ts; edit there.
.Dd November 22, 2026
.Dt SUPERD 8
.Os
.Sh NAME
.Nm superd
.Nd start network services when they are asked for
.Sh SYNOPSIS
.Nm
.Op Ar option ...
.Nm
.Fl -check
.Op Fl -json
.Op Fl -config Ar FILE
.Sh DESCRIPTION
.Nm
listens for many services at once, and starts the program of one when somebody asks for it, as
.Xr xinetd 8
and
.Xr inetd 8
did.
It reads their configuration as it stands;
.Xr superd.conf 5
describes it.
.Pp
Without
.Fl -foreground
it goes into the background, and the command returns when clients are served, with status 0, or when it is clear that they will not be,
with another one and the reason on standard error.
As process 1 of a container it stays in the foreground, and reaps the processes that others leave behind.
.Pp
A service that cannot be opened when
.Nm
starts is told of and left out, and the others run.
.Pp
The options with a single dash are those of xinetd; so are the exit statuses when one of them is used.
Unknown options with a single dash are passed over with a warning.
.Bl -tag -width Ds
`;

const TAIL = `.El
.Sh SIGNALS
.Bl -tag -width Ds
.It Dv SIGHUP , SIGUSR2
Read the configuration again and go over to it, as a whole or not at all: when it has a mistake, or one of its sockets cannot be opened,
everything stays as it is, and the log tells why.
Services whose socket does not change keep it; sessions that the new rules let in go on, and those that they exclude are ended.
Logs are opened anew.
.It Dv SIGTERM
Close every door and end every server: SIGTERM to its process group, and SIGKILL after five seconds.
So does
.Dv SIGINT
in the foreground; in the background it is passed over.
.It Dv SIGQUIT
Close every door and leave the servers to themselves.
One with
.Ic stderr = log
has nowhere to write its errors then.
.It Dv SIGUSR1
Append the state to the file that
.Fl -dump
names, in the layout of xinetd.
A symbolic link there is not followed.
.It Dv SIGABRT
Compare the own books, and tell in the log whether they agree.
.El
.Pp
Other signals that can be passed over are.
.Sh SERVICE MANAGERS
Where
.Ev NOTIFY_SOCKET
is set, readiness, reloads and the end are told as
.Xr sd_notify 3
describes.
.Pp
Sockets that a service manager passes
.Pq Xr sd_listen_fds 3
are used in the foreground: one that bears the id of a service in
.Ev LISTEN_FDNAMES
serves it wherever the socket stands, and any other serves the service with its address, port and type.
They are never closed, also not while
.Ic cps
makes the service rest: callers wait then.
.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/superd.conf
the configuration, if it is there
.It Pa /etc/xinetd.conf
the configuration otherwise
.It Pa /var/lib/superd/state.json
what outlives a run; one that cannot be read is kept as
.Pa state.json.unread ,
and a new one begun
.It Pa /var/lib/superd/lock
held by the running
.Nm
.It Pa /var/run/xinetd.dump
the state after
.Dv SIGUSR1
.El
.Sh EXIT STATUS
.Bl -tag -width 111
.It 0
.Nm
serves, has ended when told to, or found nothing wrong
.It 100
the configuration or the command line is wrong, or leaves no service to run
.It 101
.Nm
itself is wrong
.It 111
the machine refused something
.El
.Pp
With an option of xinetd: 0 and 1.
.Sh SEE ALSO
.Xr superctl 1 ,
.Xr hosts_access 5 ,
.Xr superd.conf 5 ,
.Xr tcpd 8
`;
