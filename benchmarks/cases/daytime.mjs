import { clientPoints, requestMetrics } from '../harness/bench.mjs';

/** `22 NOV 2026 06:52:53 UTC` and CR LF: the zone has three letters here (cleanEnvironment sets none). */
const answerLength = '22 NOV 2026 06:52:53 UTC\r\n'.length;

export const daytime = {
  name: 'daytime',
  title: 'Daytime: a line that the daemon answers itself',
  metrics: requestMetrics,
  points: clientPoints(1, 64),
  unfit: (peer) => (peer.answersItself ? null : 'has no services of its own'),
  measure(peer, { clients }, bench) {
    return bench.withDaemon(peer, { builtin: 'daytime' }, ({ port }) => bench.request(port, clients, answerLength));
  },
};
