import { findProgram } from '../harness/installed.mjs';

/** First RPC program number that RFC 5531 leaves to users. */
const firstProgram = 0x20000000;

const isPossible = process.geteuid() === 0 && ['rpcbind', 'rpcinfo', 'unshare', 'ip'].every(findProgram);

export const registration = {
  name: 'registration',
  title: 'RPC: from exec until rpcbind knows every service',
  metrics: { milliseconds: { label: 'time', unit: 'ms', better: 'less', digits: 1 } },
  points: [
    { label: '1 RPC service', services: 1 },
    { label: '20 RPC services', services: 20 },
  ],
  unfit: (peer) => (!peer.registersRpc ? 'knows nothing of RPC' : isPossible ? null : 'wants root, rpcbind, rpcinfo, unshare and ip'),
  async measure(peer, { services }, bench) {
    return { milliseconds: await bench.timeRegistration(peer, { services, rpc: { firstProgram } }) };
  },
};
