import { userInfo } from 'node:os';

/**
 * The configuration that both xinetd and superd run. It has no limits and, unless `logged`, no logs; NOLIBWRAP spares xinetd the
 * reading of hosts.allow and hosts.deny in every child.
 */
export function xinetdConf({ directory, ports, deny, builtin, redirect, logged, dgram, rpc, programs }) {
  const user = userInfo().username;
  const defaults = `defaults
{
	instances      = UNLIMITED
	per_source     = UNLIMITED
	cps            = 0 0
${
  logged
    ? `	log_type       = FILE ${directory}/service.log
`
    : ''
}	log_on_success =
	log_on_failure = ${logged ? 'HOST' : ''}
}
`;
  const service = (port, index) => `
service ${builtin ?? `bench${index}`}
{
	type        = ${builtin ? 'INTERNAL ' : ''}${rpc ? 'RPC ' : ''}UNLISTED
	flags       = NOLIBWRAP IPv4
${rpc ? `	rpc_version = 1\n	rpc_number  = ${rpc.firstProgram + index}\n` : `	bind        = 127.0.0.1\n	port        = ${port}\n`}	protocol    = ${dgram ? 'udp' : 'tcp'}
	socket_type = ${dgram ? 'dgram' : 'stream'}
	wait        = ${dgram ? 'yes' : 'no'}
	user        = ${user}
${builtin ? '' : redirect ? `	redirect    = 127.0.0.1 ${redirect}\n` : `	server      = ${programs.oneLine}\n`}${deny ? `	no_access   = ${deny.network}/${deny.prefix}\n` : ''}	disable     = no
}
`;
  return defaults + ports.map(service).join('');
}
