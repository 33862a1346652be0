import { findProgram, packageVersion } from '../harness/installed.mjs';
import { serviceDirectories } from './service-directories.mjs';

/** One runsv for each daemon; it restarts a daemon that ran for a second at once. */
export const runit = {
  name: 'runit',
  missing: () => (findProgram('runsvdir') ? null : 'runsvdir is not installed (package runit)'),
  version: () => packageVersion('runit'),
  command: (setup) => ['runsvdir', serviceDirectories(setup)],
};
