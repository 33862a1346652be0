import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { placeOf } from '../../../errors.js';
import { errnoText } from '../../error-text.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

interface LogFile {
  readonly path: string;
  readonly place: string;
}

/** Log and output files that cannot be written. */
export function logFiles({ plan }: Patient): readonly Finding[] {
  if (plan === null) return [];
  const logs = [...plan.services, ...plan.muxed].flatMap(({ log: { sink }, gate, origin }) =>
    sink?.kind === 'file' ? [{ path: sink.path, place: placeOf(gate.origins['log_type'] ?? origin) }] : [],
  );
  const outputs = plan.daemons.flatMap(({ output, origin }) =>
    output.kind === 'file' && output.path !== null ? [{ path: output.path, place: placeOf(origin) }] : [],
  );
  const once = new Map([...logs, ...outputs].reverse().map((one) => [one.path, one]));
  return [...once.values()].reverse().flatMap(trouble);
}

function trouble({ path, place }: LogFile): Finding[] {
  const cannot = (code: string, problem: string, remedy: string): Finding[] => [
    { severity: 'error', code, place, problem: `${path} cannot be written: ${problem}`, remedy },
  ];
  const folder = dirname(path);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return cannot('log-unwritable', 'it is a directory', 'name a file');
  try {
    // Root may do what modes forbid, but not write where nobody can.
    accessSync(stat === undefined ? folder : path, constants.W_OK);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return cannot(
      'log-unwritable',
      `${folder}: ${errnoText(error)}`,
      missing ? `mkdir -p ${folder}` : 'let its owner write there, or name another file',
    );
  }
  if (!statSync(folder).isDirectory()) return cannot('log-unwritable', `${folder} is no directory`, 'name another file');
  return statfsSync(folder).bfree === 0 ? cannot('log-disk-full', 'the disk is full', 'make room') : [];
}
