// Resident daemons under superd and under other managers: time until all run, from a kill to the replacement, private memory of the manager.
// About two minutes on a quiet machine: node benchmarks/residents.mjs --rounds 2 --write-docs
import { residents } from './cases/residents.mjs';
import { runBench } from './harness/run-bench.mjs';
import { pm2 } from './managers/pm2.mjs';
import { runit } from './managers/runit.mjs';
import { s6 } from './managers/s6.mjs';
import { superd } from './managers/superd.mjs';
import { supervisord } from './managers/supervisord.mjs';

const managers = [supervisord, pm2, runit, s6, superd];
await runBench({ command: 'node benchmarks/residents.mjs', cases: [residents], peers: managers }, process.argv.slice(2));
