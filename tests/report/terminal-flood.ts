/**
 * Started by the terminal test: writes a flood of refusals to standard error, and then `through` to standard output. With `paced` it waits
 * for a byte on standard input after every 100 lines.
 */
import { once } from 'node:events';
import { Logs } from '../../src/report/log/logs.js';

const logs: Logs = new Logs({
  program: { kind: 'terminal', color: false },
  send: () => 0,
  syslogPath: '/dev/log',
  name: 'superd',
  report: (event) => logs.sink(event),
});
logs.configure([]);
const service = { id: 'foo', name: 'foo' };
const [lines, paced] = [Number(process.argv[2]), process.argv[3] === 'paced'];
for (let n = 1; n <= lines; n++) {
  logs.sink({ type: 'session-refused', at: 0, service, peer: { address: '192.0.2.7', port: n }, reason: 'address' });
  if (n % 100 === 0) await (paced ? once(process.stdin, 'data') : new Promise(setImmediate));
}
logs.close();
process.stdin.destroy();
process.stdout.write('through\n');
