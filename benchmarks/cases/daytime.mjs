import { mustServe } from '../harness/bench.mjs';

/** `22 NOV 2026 06:52:53 UTC` and CR LF: the zone has three letters here (cleanEnvironment sets none). */
const answerLength = '22 NOV 2026 06:52:53 UTC\r\n'.length;

export const daytime = {
  name: 'daytime',
  title: 'Daytime: a line that the daemon answers itself',
  metrics: {
    perSecond: { label: 'requests/s', better: 'more' },
    p50us: { label: 'median', unit: 'µs', better: 'less' },
    p99us: { label: 'p99', unit: 'µs', better: 'less' },
  },
  points: [
    { label: '1 client', clients: 1 },
    { label: '64 clients', clients: 64 },
  ],
  unfit: (peer) => (peer.answersItself ? null : 'has no services of its own'),
  measure(peer, { clients }, bench) {
    return bench.withDaemon(peer, { builtin: 'daytime' }, async ({ port }) => {
      const { all } = await bench.load(port, [{ name: 'all', clients, source: '127.0.1.1', sources: 200, workers: 2 }]);
      mustServe(all, answerLength);
      return { perSecond: all.perSecond, p50us: all.p50us, p99us: all.p99us, generatorCpu: all.cpu };
    });
  },
};
