/** A C loop that accepts and answers, or refuses, without a process: the most the load generator can reach on this machine. */
export const bareAccept = {
  name: 'bare-accept',
  ceiling: true,
  canDeny: true,
  missing: () => null,
  version: () => null, // part of this repository
  command: ({ ports, deny, programs }) => [programs.bareServer, String(ports[0]), ...(deny ? ['--refuse'] : [])],
};
