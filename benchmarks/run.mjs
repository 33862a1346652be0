import { daytime } from './cases/daytime.mjs';
import { memory } from './cases/memory.mjs';
import { redirect, throughput } from './cases/redirect.mjs';
import { refusals } from './cases/refusals.mjs';
import { requests } from './cases/requests.mjs';
import { startup } from './cases/startup.mjs';
import { runBench } from './harness/run-bench.mjs';
import { bareAccept } from './peers/bare-accept.mjs';
import { bareSpawn } from './peers/bare-spawn.mjs';
import { haproxy } from './peers/haproxy.mjs';
import { node } from './peers/node.mjs';
import { superd } from './peers/superd.mjs';
import { systemd } from './peers/systemd.mjs';
import { tcpserver } from './peers/tcpserver.mjs';
import { xinetd } from './peers/xinetd.mjs';

const cases = [requests, refusals, redirect, throughput, daytime, memory, startup];
const peers = [bareAccept, bareSpawn, node, systemd, xinetd, tcpserver, haproxy, superd];
await runBench({ command: 'npm run bench --', cases, peers }, process.argv.slice(2));
