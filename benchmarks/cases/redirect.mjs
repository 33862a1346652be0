import { clientPoints, requestMetrics } from '../harness/bench.mjs';

const fit = (peer) => (peer.canRedirect ? null : 'does not pass on');

export const redirect = {
  name: 'redirect',
  title: 'Redirect: the same through a server that passes on to another',
  metrics: requestMetrics,
  points: clientPoints(1, 64),
  unfit: fit,
  measure(peer, { clients }, bench) {
    return bench.withTarget(
      (port) => [bench.programs.bareServer, String(port)],
      (target) => bench.withDaemon(peer, { redirect: target }, ({ port }) => bench.request(port, clients)),
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
