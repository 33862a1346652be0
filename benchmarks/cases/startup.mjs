export const startup = {
  name: 'startup',
  title: 'Start: from exec until every port listens',
  metrics: { milliseconds: { label: 'time', unit: 'ms', better: 'less', digits: 1 } },
  points: [
    { label: '1 service', services: 1 },
    { label: '50 services', services: 50 },
    { label: '1,000 services', services: 1000 },
  ],
  unfit: (peer, { services }) =>
    peer.ceiling || peer.redirectsOnly ? 'no such daemon' : services > 1 && !peer.manyServices ? 'one service a process' : null,
  async measure(peer, { services }, bench) {
    return { milliseconds: await bench.timeStart(peer, { services }) };
  },
};
