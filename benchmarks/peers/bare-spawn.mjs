/** A C loop of accept and posix_spawn with no policy: the most one thread can start on this machine. */
export const bareSpawn = {
  name: 'bare-spawn',
  ceiling: true,
  missing: () => null,
  version: () => null, // part of this repository
  command: ({ ports, programs }) => [programs.bareServer, String(ports[0]), '--spawn', programs.oneLine],
};
