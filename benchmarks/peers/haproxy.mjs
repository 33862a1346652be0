import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, firstLine } from '../harness/installed.mjs';

/** HAProxy in tcp mode, with splice(2) allowed and its default of one thread per processor. */
export const haproxy = {
  name: 'haproxy',
  canRedirect: true,
  redirectsOnly: true,
  missing: () => (findProgram('haproxy') ? null : 'haproxy is not installed'),
  version: () => firstLine('haproxy', '-v'),
  command({ directory, ports, redirect }) {
    const path = join(directory, 'haproxy.cfg');
    writeFileSync(path, configuration(ports, redirect));
    return ['haproxy', '-db', '-f', path];
  },
};

const configuration = (ports, redirect) => `global
	maxconn 1500
defaults
	mode tcp
	timeout connect 10s
	timeout client 10m
	timeout server 10m
	option splice-auto
${ports.map((port) => `listen bench${port}\n	bind 127.0.0.1:${port}\n	server target 127.0.0.1:${redirect}\n`).join('')}`;
