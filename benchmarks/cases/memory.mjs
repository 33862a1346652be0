import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const idleSeconds = 2;

export const memory = {
  name: 'memory',
  title: `Memory of the idle daemon, ${idleSeconds} s after it listens`,
  metrics: {
    rssAnon: { label: 'RssAnon', unit: 'MiB', better: 'less', digits: 2 },
    rss: { label: 'RSS', unit: 'MiB', better: 'less', digits: 2 },
  },
  points: [
    { label: '1 service', services: 1 },
    { label: '50 services', services: 50 },
    { label: '1,000 services', services: 1000 },
  ],
  unfit: (peer, { services }) =>
    peer.ceiling || peer.redirectsOnly ? 'no such daemon' : services > 1 && !peer.manyServices ? 'one service a process' : null,
  measure(peer, { services }, bench) {
    return bench.withDaemon(peer, { services }, async ({ pid }) => {
      await delay(idleSeconds * 1000);
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return { rssAnon: mebibytes(status, 'RssAnon'), rss: mebibytes(status, 'VmRSS') };
    });
  },
};

/** From a line in KiB, as proc(5) writes it. */
function mebibytes(text, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)[1]) / 1024;
}
