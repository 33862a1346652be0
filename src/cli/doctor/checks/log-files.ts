import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { placeOf } from '../../../errors.js';
import { errnoText } from '../../error-text.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

interface LogFile {
  readonly path: string;
  readonly place: string;
}

/** Log and output files that superd cannot write. */
export function logFiles({ plan }: CheckContext): readonly Finding[] {
  if (plan === null) return [];
  const logs = [...plan.services, ...plan.muxed].flatMap(({ log: { sink }, gate, origin }) =>
    sink?.kind === 'file' ? [{ path: sink.path, place: placeOf(gate.origins['log_type'] ?? origin) }] : [],
  );
  const outputs = plan.daemons.flatMap(({ output, origin }) =>
    output.kind === 'file' && output.path !== null ? [{ path: output.path, place: placeOf(origin) }] : [],
  );
  const firstByPath = new Map([...logs, ...outputs].reverse().map((one) => [one.path, one]));
  return [...firstByPath.values()].reverse().flatMap(problemsOf);
}

function problemsOf({ path, place }: LogFile): Finding[] {
  const finding = (code: string, problem: string, remedy: string): Finding[] => [
    { severity: 'error', code, place, problem: `${path} cannot be written: ${problem}`, remedy },
  ];
  const folder = dirname(path);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return finding('log-unwritable', 'it is a directory', 'name a file');
  try {
    // Modes do not bind root, but a read-only file system does.
    accessSync(stat === undefined ? folder : path, constants.W_OK);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const remedy = isMissing ? `mkdir -p ${folder}` : 'make it writable, or name another file';
    return finding('log-unwritable', `${folder}: ${errnoText(error)}`, remedy);
  }
  if (!statSync(folder).isDirectory()) return finding('log-unwritable', `${folder} is not a directory`, 'name another file');
  return statfsSync(folder).bfree === 0 ? finding('log-disk-full', 'the disk is full', 'free some space') : [];
}
