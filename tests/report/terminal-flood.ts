/** Started by the terminal test: writes a flood of refusals to standard error, and then `through` to standard output. */
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
for (let n = 0; n < Number(process.argv[2]); n++) {
  logs.sink({ type: 'session-refused', at: 0, service, peer: { address: '192.0.2.7', port: n + 1 }, reason: 'address' });
  if (n % 100 === 0) await new Promise(setImmediate);
}
logs.close();
process.stdout.write('through\n');
