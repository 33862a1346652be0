import { mustServe } from '../harness/bench.mjs';

const fit = (peer) => (peer.canRedirect ? null : 'does not pass on');

export const redirect = {
  name: 'redirect',
  title: 'Redirect: the same through a server that passes on to another',
  metrics: {
    perSecond: { label: 'requests/s', better: 'more' },
    p50us: { label: 'median', unit: 'µs', better: 'less' },
    p99us: { label: 'p99', unit: 'µs', better: 'less' },
  },
  points: [
    { label: '1 client', clients: 1 },
    { label: '64 clients', clients: 64 },
  ],
  unfit: fit,
  measure(peer, { clients }, bench) {
    return bench.withTarget(
      (port) => [bench.programs.bareServer, String(port)],
      (target) =>
        bench.withDaemon(peer, { redirect: target }, async ({ port }) => {
          const { all } = await bench.load(port, [{ name: 'all', clients, source: '127.0.1.1', sources: 200, workers: 2 }]);
          mustServe(all);
          return { perSecond: all.perSecond, p50us: all.p50us, p99us: all.p99us, generatorCpu: all.cpu };
        }),
    );
  },
};

const GIBIBYTE = 1024 ** 3;

export const throughput = {
  name: 'throughput',
  title: 'Redirect: one stream of 1 GiB from the target to the client',
  metrics: { megabytes: { label: 'MB/s', better: 'more' } },
  points: [{ label: '1 GiB' }],
  unfit: fit,
  measure(peer, _point, bench) {
    return bench.withTarget(
      (port) => [bench.programs.stream, 'serve', String(port), String(GIBIBYTE)],
      (target) =>
        bench.withDaemon(peer, { redirect: target }, async ({ port }) => {
          const { bytes, seconds } = await bench.readStream(port, GIBIBYTE);
          return { megabytes: bytes / 1e6 / seconds };
        }),
    );
  },
};
