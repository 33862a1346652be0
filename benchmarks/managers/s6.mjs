import { findProgram, packageVersion } from '../harness/installed.mjs';
import { serviceDirectories } from './service-directories.mjs';

/** One s6-supervise for each daemon; it restarts a daemon that ran for a second at once. */
export const s6 = {
  name: 's6',
  missing: () => (findProgram('s6-svscan') ? null : 's6-svscan is not installed (package s6)'),
  version: () => packageVersion('s6'),
  command: (setup) => ['s6-svscan', '-c', String(setup.count), serviceDirectories(setup)],
};
