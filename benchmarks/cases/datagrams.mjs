import { clientPoints } from '../harness/bench.mjs';

export const datagrams = {
  name: 'datagrams',
  title: 'Datagrams: an echo that the daemon answers itself',
  metrics: {
    perSecond: { label: 'answers/s', better: 'more' },
    lostPerThousand: { label: 'lost of 1,000', better: 'less', digits: 1 },
    p50us: { label: 'median', unit: 'µs', better: 'less' },
    p99us: { label: 'p99', unit: 'µs', better: 'less' },
  },
  points: clientPoints(1, 64),
  unfit: (peer) => (peer.answersItself ? null : 'has no services of its own'),
  measure(peer, { clients }, bench) {
    return bench.withDaemon(peer, { builtin: 'echo', dgram: true }, async ({ port }) => {
      const tally = await bench.askByDatagrams(port, clients);
      const { perSecond, p50us, p99us, answered, lost, cpu } = tally;
      if (answered === 0) throw new Error('no datagram was answered');
      return { perSecond, lostPerThousand: (1000 * lost) / (answered + lost), p50us, p99us, generatorCpu: cpu };
    });
  },
};
