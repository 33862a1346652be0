import { Bench } from './bench.mjs';
import { Daemons } from './daemons.mjs';
import { writePage, writeResult } from './documents.mjs';
import { describeEnvironment, environmentLine } from './environment.mjs';
import { readOptions, usage } from './options.mjs';
import { compilePrograms } from './programs.mjs';
import { summarise } from './summary.mjs';
import { plainTable } from './table.mjs';

function installed(allPeers, names) {
  return allPeers.filter((peer) => {
    if (!names.includes(peer.name)) return false;
    const reason = peer.missing();
    if (reason) console.log(`skipped: ${peer.name}: ${reason}`);
    return !reason;
  });
}

/** Shows progress in one line that replaces itself; prints nothing if standard error is not a terminal. */
function showProgress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Measures a case: every round takes each point, and at each point every peer in turn. A failed measurement is reported and left out. */
async function measureCase(definition, peers, rounds, bench) {
  const samples = [];
  const failures = [];
  for (let round = 1; round <= rounds; round++) {
    for (const point of definition.points) {
      for (const peer of peers) {
        if (definition.unfit(peer, point)) continue;
        const place = `${definition.name}: round ${round} of ${rounds}, ${point.label}, ${peer.name}`;
        showProgress(place);
        try {
          samples.push({ round, point: point.label, peer: peer.name, values: await definition.measure(peer, point, bench) });
        } catch (error) {
          failures.push(`${place}: ${error.message}`);
        }
      }
    }
  }
  showProgress('');
  return { samples, failures };
}

async function main({ command, cases, peers: allPeers }, argv, daemons) {
  const options = readOptions(
    argv,
    cases.map(({ name }) => name),
    allPeers.map(({ name }) => name),
  );
  if (options.help) return console.log(usage(command));
  const { rounds, seconds } = options;
  const peers = installed(allPeers, options.peers);
  const environment = describeEnvironment(peers);
  console.log(environmentLine(environment));

  const bench = new Bench(daemons, compilePrograms(daemons.directory), { seconds });
  for (const definition of cases.filter(({ name }) => options.cases.includes(name))) {
    const { samples, failures } = await measureCase(definition, peers, rounds, bench);
    const summary = summarise(samples, Object.keys(definition.metrics));
    const report = { case: definition.name, date: new Date().toISOString(), rounds, seconds, environment, summary, samples, failures };
    console.log(`\n${definition.title}; median of ${rounds} rounds (least–most)\n${plainTable(definition, summary)}`);
    for (const failure of failures) console.error(`failed: ${failure}`);
    if (failures.length) process.exitCode = 1;
    if (!options.quick) console.log(`written: ${writeResult(definition, report)}`);
    if (options.writeDocs) writePage(definition, report);
  }
}

/**
 * Measures what the command line asks for, prints and writes the results, and removes its processes and files even when it is interrupted.
 * @param what `{command, cases, peers}`: the command line for messages, and every known case and peer.
 */
export async function runBench(what, argv) {
  const daemons = new Daemons();
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => {
      daemons.close();
      process.exit(status);
    });
  }
  try {
    await main(what, argv, daemons);
  } catch (error) {
    console.error(`\nbench: ${error.message}`);
    process.exitCode = 1;
  } finally {
    daemons.close();
  }
}
