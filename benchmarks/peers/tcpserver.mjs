import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { findProgram, packageVersion } from '../harness/installed.mjs';

/** D. J. Bernstein's tcpserver; no look-ups, a concurrency and a backlog that never limit. */
export const tcpserver = {
  name: 'tcpserver',
  canDeny: true,
  missing: () => (findProgram('tcpserver') ? null : 'tcpserver is not installed (package ucspi-tcp)'),
  version: () => packageVersion('ucspi-tcp'),
  command({ directory, ports, deny, programs }) {
    const rules = deny ? ['-x', writeRules(directory, deny)] : [];
    return [
      'tcpserver',
      '-q',
      '-H',
      '-R',
      '-P',
      '-l',
      '0',
      '-c',
      '4000',
      '-b',
      '512',
      ...rules,
      '127.0.0.1',
      String(ports[0]),
      programs.oneLine,
    ];
  },
};

function writeRules(directory, deny) {
  const database = join(directory, 'rules.cdb');
  const prefix = deny.network
    .split('.')
    .slice(0, deny.prefix / 8)
    .join('.');
  execFileSync('tcprules', [database, `${database}.tmp`], { input: `${prefix}.:deny\n:allow\n` });
  return database;
}
