import { findProgram, packageVersion } from '../harness/installed.mjs';
import { serviceDirectories } from './service-directories.mjs';

/** A runsv for each daemon, which starts one that has run for a second again at once. */
export const runit = {
  name: 'runit',
  missing: () => (findProgram('runsvdir') ? null : 'runsvdir is not installed (package runit)'),
  version: () => packageVersion('runit'),
  command: (setup) => ['runsvdir', serviceDirectories(setup)],
};
