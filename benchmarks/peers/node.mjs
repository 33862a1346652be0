/** Plain Node: `net.createServer` and `child_process.spawn`. */
export const node = {
  name: 'node',
  canDeny: true,
  manyServices: true,
  missing: () => null,
  version: () => null, // the header of the results names Node's version
  command({ ports, deny, programs }) {
    return [process.execPath, programs.nodeServer, JSON.stringify({ program: programs.oneLine, ports, deny })];
  },
};
