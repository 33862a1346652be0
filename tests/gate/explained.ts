import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControlClient } from '../../src/control/client.js';
import type { Dice } from '../access/dice.js';
import { Connection } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { linesOf } from '../support/lines.js';
import { freePorts } from '../support/ports.js';
import { type Attributes, defaultsBlock, serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

const SERVICES = 24;

/** Sessions of one service that stay open. */
const MOST_HELD = 3;

/** What `explain` answered for one client, and what its connection got a moment later: `admit`, or a reason. */
export interface Row {
  readonly said: string;
  readonly got: string;
  /**
   * `depends`: on a command, which explain does not run. `turns`: on whether the second of a `cps` per source is over when the connection
   * arrives, some milliseconds after the question. Neither can be foretold.
   */
  readonly kind: 'foretold' | 'depends' | 'turns';
  /** Text for the failure message. */
  readonly about: string;
}

/** Starts superd on generated configurations at a generated time; `rows` times asks `explain` about a client and then connects as it. */
export async function playRound(dice: Dice, rows: number): Promise<readonly Row[]> {
  const ports = await freePorts(SERVICES);
  const log = join(temporaryDirectory(), 'log');
  const hour = dice.roll(24);
  const holds = ports.map(() => dice.oneIn(3));
  const blocks = ports.map((port, i) => {
    const server = holds[i] ? { server: fixture('greet-then-hold.sh') } : { server: '/bin/echo', server_args: 'hello' };
    return serviceBlock(`s${i}`, { port, id: `s${i}`, libwrap: dice.oneIn(2) ? 'echo' : 'other', ...server, ...generated(dice, hour) });
  });
  const daemon = await startDaemon({
    config: defaultsOf(log) + blocks.join(''),
    args: [
      '--clock',
      `2026-03-0${1 + dice.roll(9)}T${two(hour)}:${two(dice.roll(50))}:05`,
      ...(dice.oneIn(3) ? ['--limit', String(3 + dice.roll(10))] : []),
    ],
  });
  const control = new ControlClient(daemon.controlSocket);
  const held: Connection[][] = ports.map(() => []);
  const asked: { readonly client: string; readonly said: string; readonly kind: Row['kind']; readonly about: string }[] = [];
  for (let i = 0; i < rows; i++) {
    const at = dice.roll(SERVICES);
    const from = someone(dice);
    const stay = held[at] as Connection[];
    if (stay.length > 0 && dice.oneIn(3)) (stay.shift() as Connection).close();
    await settled(control, held);
    const { verdict, reason, steps } = (await control.call('explain', { service: `s${at}`, from })).explanations[0]!;
    const connection = await Connection.open({ port: ports[at]!, from });
    const { localPort } = connection;
    await waitFor('an answer', () => /\n/.test(connection.text) || connection.ending !== null);
    if (connection.ending === null && holds[at] && stay.length < MOST_HELD) stay.push(connection);
    else connection.close();
    const cps = /^(\d+) of (\d+) connections of this source/.exec(
      steps.find((step) => step.reason === 'cps' && step.verdict !== 'not asked')?.state ?? '',
    );
    const kind = verdict === 'depends' ? 'depends' : cps !== null && cps[1] === cps[2] && cps[1] !== '0' ? 'turns' : 'foretold';
    asked.push({
      client: `s${at} ${from} ${localPort}`,
      said: reason ?? verdict,
      kind,
      about: `s${at} from ${from}:${localPort} at ${hour} h`,
    });
  }
  const got = await waitFor('the log', () => {
    const decided = decisions(log);
    return decided.length === rows && decided;
  });
  for (const connection of held.flat()) connection.close();
  await daemon.stop();
  return asked.map(({ client, ...row }) => ({ ...row, got: takeOf(got, client) }));
}

/** superd logs a start when the server runs, perhaps after the refusal of the next client: so the order of lines does not tell whose they are. */
function takeOf(decided: ReturnType<typeof decisions>, client: string): string {
  const at = decided.findIndex((one) => one.client === client);
  return at === -1 ? 'nothing' : decided.splice(at, 1)[0]!.verdict;
}

function defaultsOf(log: string): string {
  const rules = temporaryDirectory();
  writeFileSync(join(rules, 'allow'), 'ALL: 127.0.0.2\nother: 127.0.0.6: aclexec /bin/true\n');
  writeFileSync(join(rules, 'deny'), 'echo: 127.0.0.3 127.0.0.5\n');
  return defaultsBlock({
    ...{ log_type: ['FILE', log], log_format: 'json', log_on_failure: 'HOST', log_on_success: 'HOST' },
    ...{ hosts_allow: join(rules, 'allow'), hosts_deny: join(rules, 'deny'), ban_exempt: '127.0.0.2' },
  });
}

function decisions(log: string): { readonly client: string; readonly verdict: string }[] {
  const facts = linesOf(log).map(
    (line) => JSON.parse(line) as { event: string; service: string; address: string; port: number; reason?: string },
  );
  return facts
    .filter(({ event }) => event === 'session-started' || event === 'session-refused')
    .map(({ service, address, port, reason }) => ({ client: `${service} ${address} ${port}`, verdict: reason ?? 'admit' }));
}

/** Waits until only the sessions that stay are left: then no counter changes, neither of a service nor of all together. */
async function settled(control: ControlClient, held: readonly (readonly Connection[])[]): Promise<void> {
  await waitFor('sessions to end', async () => {
    const { units } = await control.call('list', {});
    return units.every(({ id, sessions }) => sessions === held[Number(id.slice(1))]?.length);
  });
}

const someone = (dice: Dice) => `127.0.0.${2 + dice.roll(5)}`;
const two = (number: number) => String(number).padStart(2, '0');

function generated(dice: Dice, hour: number): Attributes {
  const some = (percent: number, make: () => Attributes): Attributes => (dice.roll(100) < percent ? make() : {});
  return {
    cps: [0, 1],
    ...some(30, () => ({ only_from: ['127.0.0.2', someone(dice), someone(dice)] })),
    ...some(30, () => ({ no_access: [someone(dice)] })),
    ...some(20, () => ({ access_times: times(dice, hour) })),
    ...some(30, () => ({ rate_per_source: ['1/h', 'burst', 1 + dice.roll(6)] })),
    ...some(25, () => ({ per_source: dice.roll(3) })),
    ...some(20, () => ({ per_source_prefix: `24:${dice.roll(4)}` })),
    ...some(20, () => ({ instances: dice.roll(4) })),
    ...some(25, () => ({ cps: [1 + dice.roll(3), 3600], cps_scope: 'source' })),
    ...some(10, () => ({ max_load: dice.oneIn(2) ? '0.000001' : '100000' })),
    ...some(20, () => ({ limit_exempt: someone(dice) })),
    ...some(15, () => ({ gate_order: 'xinetd' })),
    ...some(3, () => ({ ban_after: [String(3 + dice.roll(6)), 'in', '1h', 'for', '1h'] })),
  };
}

/** An hour near the present one, or a random one. */
function times(dice: Dice, hour: number): string {
  const from = dice.oneIn(2) ? hour : dice.roll(24);
  return dice.oneIn(3) ? '0:00-23:59' : `${from}:00-${from}:59`;
}
