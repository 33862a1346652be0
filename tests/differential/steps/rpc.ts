import { portOf, type Registration, SERVER } from '../../rpc/world.js';
import { patiently } from '../patiently.js';
import type { Verb } from '../steps.js';

/** What is asked of rpcbind, and through it of services. The scenario has the part `rpcbind`: the daemon and it have a network and a /run of their own. */
export const rpcSteps: Readonly<Record<string, Verb>> = {
  /** registered COUNT [within SECONDS]: waits until rpcbind knows that many, and shows them. */
  async registered(world, request) {
    const count = Number(request.word(0, 'registered COUNT'));
    let found: readonly Registration[] = [];
    const look = async () => {
      found = await world.rpc.registrations();
      return found.length === count;
    };
    const asRecorded = (recorded: readonly string[]) => recorded.filter((line) => line !== 'none').length === count;
    await patiently(request, `${count} registrations`, world, look, asRecorded);
    return found.length === 0 ? ['none'] : describe(found);
  },

  /** call NETID PROGRAM VERSION: procedure 0, from another machine. */
  async call(world, request) {
    const [netId = '', program = '', version = ''] = request.words;
    const { code, stdout, stderr } = await world.rpc.client.run('rpcinfo', ['-T', netId, SERVER, program, version]);
    // It has sent its call, or has not, when the connection is closed.
    const answer = code === 0 ? stdout : stderr;
    return [
      answer
        .trim()
        .replace(/\n.*/s, '')
        .replace(/Unable to .*/, 'closed'),
    ];
  },

  /** rpcbind NEWS: `ends` or `starts`. */
  async rpcbind(world, request) {
    await (request.word(0, 'rpcbind ends | starts') === 'ends' ? world.rpc.endRpcbind() : world.rpc.startRpcbind());
    return [];
  },
};

/** Ports as letters: the same one for the same. */
function describe(found: readonly Registration[]): string[] {
  const order = ({ program, version, netId }: Registration) => `${program} ${String(version).padStart(9)} ${netId}`;
  const sorted = [...found].sort((one, other) => (order(one) < order(other) ? -1 : 1));
  const ports = [...new Set(sorted.map(portOf))];
  return sorted.map((one) => `${one.program} ${one.version} ${one.netId} port ${String.fromCharCode(97 + ports.indexOf(portOf(one)))}`);
}
