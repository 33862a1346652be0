/** What stands before the attributes in superd.conf(5), and after them. */
export const HEAD = `.\\" Made by scripts/manual.mjs from src/config/attributes; edit there.
.Dd November 22, 2026
.Dt SUPERD.CONF 5
.Os
.Sh NAME
.Nm superd.conf
.Nd configuration of superd
.Sh DESCRIPTION
.Xr superd 8
reads this file, or the one that
.Fl -config
names.
Its grammar is that of xinetd.conf; files written for xinetd load as they stand.
.Bd -literal -offset indent
service NAME
{
	ATTRIBUTE OPERATOR VALUE...
}
.Ed
.Pp
A
.Ic service
block describes one service, a
.Ic defaults
block what holds for all services that do not say otherwise, wherever it stands.
.Ic include Ar FILE
reads another file in its place,
.Ic includedir Ar DIRECTORY
every file of a directory in the order of their names, without those that have a dot in the name or end in a tilde.
.Pp
The operator = gives a value.
For lists += adds to it and -= takes away from it, also where the value comes from
.Ic defaults .
There, = adds too.
A list that is not written in a service is the one of
.Ic defaults .
Of a plain attribute that is written twice the first line holds.
.Pp
Lines that begin with # or // are comments, and so is the rest of a line from a word that begins with # or //, except in
.Ic server_args
and
.Ic env ,
whose words all go to the program.
Keywords, attribute names and fixed words are taken in upper and lower case.
.Pp
A service with a mistake is not run; the others are.
Every mistake is told with its file and line;
.Nm superd Fl -check
tells them all without starting anything.
.Sh ATTRIBUTES
.Ic socket_type
(or
.Ic protocol ) ,
.Ic wait ,
.Ic user
and
.Ic server
must be written in every service on request; an UNLISTED one wants
.Ic port
as well.
A resident daemon
.Pq Ic activation No = boot
wants
.Ic user
and
.Ic server
only, and nothing that is about a socket or its clients has an effect on it.
`;

export const TAIL = `.Sh UNIX SOCKETS
With
.Ic protocol = unix
a service listens on a socket in the file system, or with a name that begins with @ in the abstract namespace, which
.Ic bind
gives.
Its clients have no address:
.Ic only_from ,
.Ic no_access
and the access rules do not apply to it; the permissions of the socket's directory do.
.Sh FILES
.Bl -tag -width /etc/xinetd.conf -compact
.It Pa /etc/superd.conf
read if it is there
.It Pa /etc/xinetd.conf
read otherwise
.El
.Sh EXAMPLES
.Bd -literal -offset indent
defaults
{
	log_type = SYSLOG daemon info
	log_on_success = HOST PID EXIT DURATION
	log_on_failure = HOST
	instances = 60
	only_from = 192.0.2.0/24 2001:db8::/32 localhost
}

service rsync
{
	socket_type = stream
	wait = no
	user = root
	server = /usr/bin/rsync
	server_args = --daemon
}

service hello
{
	type = UNLISTED
	socket_type = stream
	port = 7070
	bind = 127.0.0.1
	wait = no
	user = nobody
	server = /bin/echo
	server_args = "Hello, world"
}
.Ed
.Sh SEE ALSO
.Xr superctl 1 ,
.Xr hosts_access 5 ,
.Xr services 5 ,
.Xr superd 8
`;
