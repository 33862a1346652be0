import { mustRefuse, mustServe } from '../harness/bench.mjs';
import { cpuMicroseconds } from '../harness/cpu.mjs';

const deny = { network: '127.1.0.0', prefix: 16 };
const strangers = { name: 'strangers', source: '127.1.0.1', sources: 200, workers: 2 };
const guest = { name: 'guest', clients: 1, source: '127.0.0.1', sources: 1, workers: 1 };

export const refusals = {
  name: 'refusals',
  title: 'Refusals: clients in no_access, and one allowed client among them',
  metrics: {
    perSecond: { label: 'refusals/s', better: 'more' },
    p99us: { label: 'p99 of a refusal', unit: 'µs', better: 'less' },
    cpuUs: { label: 'processor time of a refusal', unit: 'µs', better: 'less' },
    allowedP50us: { label: 'median, allowed client', unit: 'µs', better: 'less' },
    allowedP99us: { label: 'p99, allowed client', unit: 'µs', better: 'less' },
  },
  points: [
    { label: '1 refused client', clients: 1 },
    { label: '64 refused clients', clients: 64 },
    { label: '64 refused clients, each in a log', clients: 64, logged: true },
    { label: '64 refused, 1 allowed', clients: 64, guests: true },
  ],
  unfit: (peer) => (peer.canDeny ? null : 'has no access list'),
  measure(peer, { clients, guests, logged }, bench) {
    return bench.withDaemon(peer, { deny, logged }, async ({ port, pid }) => {
      const groups = [{ ...strangers, clients }, ...(guests ? [guest] : [])];
      await bench.warmUp(port, groups);
      const before = cpuMicroseconds(pid);
      const tallies = await bench.load(port, groups, ['--warmup', '0']);
      mustRefuse(tallies.strangers);
      const { perSecond, p99us, cpu, refused } = tallies.strangers;
      if (!guests) return { perSecond, p99us, cpuUs: (cpuMicroseconds(pid) - before) / refused, generatorCpu: cpu };
      // The bare loop has no list of addresses, so it refuses every client.
      if (!peer.ceiling) mustServe(tallies.guest);
      return { perSecond, p99us, allowedP50us: tallies.guest.p50us, allowedP99us: tallies.guest.p99us, generatorCpu: cpu };
    });
  },
};
