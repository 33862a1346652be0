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
.Nd start network services on request and keep daemons running
.Sh SYNOPSIS
.Nm
.Op Ar option ...
.Nm
.Fl -check
.Op Fl -json
.Op Fl -config Ar FILE
.Sh DESCRIPTION
.Nm
listens on behalf of many services and starts the program of a service when a client connects, as
.Xr xinetd 8
and
.Xr inetd 8
do.
It reads their configuration files unchanged.
It also starts resident daemons and keeps them running.
.Xr superd.conf 5
describes the configuration,
.Xr superctl 1
the control of a running
.Nm .
.Pp
Without
.Fl -foreground
.Nm
goes into the background.
The command returns with status 0 once superd serves clients, or with another status after it has printed on standard error why it cannot.
As process 1 of a container
.Nm
stays in the foreground and reaps orphaned processes.
.Pp
When
.Nm
starts and cannot open the socket of a service, it logs an error and runs without that service.
.Pp
The options with a single dash are those of xinetd.
With any of them
.Nm
uses the exit statuses of xinetd.
It ignores unknown options with a single dash, with a warning.
.Bl -tag -width Ds
`;

const TAIL = `.El
.Sh SIGNALS
.Bl -tag -width Ds
.It Dv SIGHUP , SIGUSR2
Read the configuration again and apply it.
A mistake affects only its own service: a running one keeps its last good settings, a new one is rejected, and everything else takes effect.
When a new socket cannot be opened,
.Nm
logs the reason and changes nothing; a service whose address is not on this machine yet waits for it.
Services whose socket does not change keep it.
Sessions continue if the new rules admit them; superd ends the others.
.Nm
also reopens its logs.
.It Dv SIGTERM
Close all listeners and end all servers: SIGTERM to each process group, and SIGKILL five seconds later.
In the foreground
.Dv SIGINT
does the same; in the background
.Nm
ignores it.
.It Dv SIGQUIT
Close all listeners, and leave the servers running.
A server with
.Ic stderr = log
can no longer write its errors to the log.
.It Dv SIGUSR1
Append the state to the file that
.Fl -dump
names, in the format of xinetd.
.Nm
does not follow a symbolic link there.
.It Dv SIGABRT
Check the internal state for inconsistencies, and log the result.
.El
.Pp
.Nm
ignores all other signals that a process can ignore.
.Sh SERVICE MANAGERS
When
.Ev NOTIFY_SOCKET
is set,
.Nm
reports readiness, reloads and its end as
.Xr sd_notify 3
describes.
.Pp
In the foreground,
.Nm
uses the sockets that a service manager passes
.Pq Xr sd_listen_fds 3 .
A socket with the id of a service in
.Ev LISTEN_FDNAMES
serves that service, whatever its address.
Any other socket serves the service with its address, port and type.
.Nm
never closes these sockets: while
.Ic cps
pauses a service, clients wait.
.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/superd.conf
the configuration, if the file exists
.It Pa /etc/xinetd.conf
the configuration otherwise
.It Pa /var/lib/superd/state.json
the state that
.Nm
keeps between runs; it renames an unreadable file to
.Pa state.json.unread
and starts with an empty state
.It Pa /var/lib/superd/lock
locked by the running
.Nm
.It Pa /run/superd/KEY/ID:INDEX/notify
the notification socket of a resident daemon
.It Pa /var/run/xinetd.dump
the state after
.Dv SIGUSR1
.El
.Sh EXIT STATUS
.Bl -tag -width 111
.It 0
success:
.Nm
serves clients, ended on request, or found no error
.It 100
the operator's mistake: the configuration or the command line is wrong, or there is no service to run
.It 101
a bug of
.Nm
.It 111
the machine's failure: a system call failed
.El
.Pp
With an option of xinetd: 0 and 1.
.Sh SEE ALSO
.Xr superctl 1 ,
.Xr hosts_access 5 ,
.Xr superd.conf 5 ,
.Xr tcpd 8
`;
