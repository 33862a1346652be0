import { mustServe } from '../harness/bench.mjs';

export const requests = {
  name: 'requests',
  title: 'Requests: connect, read one line, end of file',
  metrics: {
    perSecond: { label: 'requests/s', better: 'more' },
    p50us: { label: 'median', unit: 'µs', better: 'less' },
    p99us: { label: 'p99', unit: 'µs', better: 'less' },
  },
  points: [
    { label: '1 client', clients: 1 },
    { label: '8 clients', clients: 8 },
    { label: '64 clients', clients: 64 },
  ],
  unfit: (peer) => (peer.redirectsOnly ? 'starts no servers' : null),
  measure(peer, { clients }, bench) {
    return bench.withDaemon(peer, {}, async ({ port }) => {
      const { all } = await bench.load(port, [{ name: 'all', clients, source: '127.0.1.1', sources: 200, workers: 2 }]);
      mustServe(all);
      return { perSecond: all.perSecond, p50us: all.p50us, p99us: all.p99us, generatorCpu: all.cpu };
    });
  },
};
