/** The text before the attributes in superd.conf(5), and after them. */
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
It has the grammar of xinetd.conf; superd loads files written for xinetd unchanged.
.Bd -literal -offset indent
service NAME
{
	ATTRIBUTE OPERATOR VALUE...
}
.Ed
.Pp
A
.Ic service
block describes one service.
A
.Ic defaults
block, wherever it is, applies to all services that do not say otherwise.
.Ic include Ar FILE
reads another file at this place,
.Ic includedir Ar DIRECTORY
every file of a directory in the order of their names, except those with a dot in the name or a tilde at its end.
.Pp
The operator = sets a value.
For lists += adds to the value and -= removes from it, also when
.Ic defaults
has set it.
In
.Ic defaults ,
= adds too.
A service without a list has the list of
.Ic defaults .
When a plain attribute is written twice, the first line counts.
.Pp
Lines that begin with # or // are comments, and so is the rest of a line from a word that begins with # or //, except in
.Ic server_args
and
.Ic env ,
whose words all go to the program.
Upper and lower case are the same in keywords, attribute names and fixed words.
.Pp
superd does not run a service with a mistake; it runs all others.
It reports every mistake with its file and line;
.Nm superd Fl -check
reports them all without starting anything.
.Sh ATTRIBUTES
Every service on request needs
.Ic socket_type
(or
.Ic protocol ) ,
.Ic wait ,
.Ic user
and
.Ic server ;
an UNLISTED one needs
.Ic port
as well.
A resident daemon
.Pq Ic activation No = boot
needs only
.Ic user
and
.Ic server ;
attributes of a socket or its clients have no effect on it.
`;

export const TAIL = `.Sh UNIX SOCKETS
With
.Ic protocol = unix
a service listens on a socket in the file system or, with a name that begins with @, in the abstract namespace;
.Ic bind
gives the path or the name.
The clients have no address:
.Ic only_from ,
.Ic no_access
and the access rules do not apply to them; the permissions of the socket's directory do.
.Sh FILES
.Bl -tag -width /etc/xinetd.conf -compact
.It Pa /etc/superd.conf
read if it exists
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
