import { clientPoints, requestMetrics } from '../harness/bench.mjs';

export const requests = {
  name: 'requests',
  title: 'Requests: connect, read one line, end of file',
  metrics: requestMetrics,
  points: clientPoints(1, 8, 64),
  unfit: (peer) => (peer.redirectsOnly ? 'starts no servers' : null),
  measure(peer, { clients }, bench) {
    return bench.withDaemon(peer, {}, ({ port }) => bench.request(port, clients));
  },
};
