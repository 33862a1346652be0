import { join } from 'node:path';
import { echo, startTarget } from '../relay/target.js';
import { type Daemon, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { freePorts } from '../support/ports.js';
import { residentBlock } from '../support/resident.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { command, exchange, exchangeDatagram } from './exercise.js';
import { chaosAddon, type ErrorName, Faults, type Site } from './faults.js';

/** Their failure ends superd by intent: it does not act with the wrong rights. */
const OF_IDENTITY = /^(owner\.c|route\.c):\d+ syscall$/;

/** Messages about one fault: the error, that a listener pauses and resumes, that a log loses lines and works again. */
const MOST_MESSAGES = 12;

/** A superd with every kind of service, whose system calls fail as the test says. */
export class World {
  private round = 0;

  private constructor(
    readonly daemon: Daemon,
    readonly faults: Faults,
    private readonly ports: {
      readonly cat: number;
      readonly echo: number;
      readonly web: number;
      readonly datagrams: number;
    },
  ) {}

  static async start(): Promise<World> {
    const addon = chaosAddon();
    const directory = temporaryDirectory();
    const faults = new Faults(join(directory, 'faults'));
    const [cat, echoPort, web, datagrams] = (await freePorts(4)) as [number, number, number, number];
    const target = await startTarget(echo);
    const many = { instances: 'UNLIMITED', per_source: 'UNLIMITED', cps: [0, 1] };
    const config = [
      serviceBlock('cat', { port: cat, server: '/bin/cat', stderr: 'log', ...many }),
      serviceBlock('echo', { port: echoPort, type: ['INTERNAL', 'UNLISTED'], ...many }),
      serviceBlock('web', { port: web, redirect: ['127.0.0.1', target.port], ...many }),
      serviceBlock('echo-dgram', {
        id: 'datagrams',
        port: datagrams,
        socket_type: 'dgram',
        type: ['INTERNAL', 'UNLISTED'],
        ...many,
      }).replace('service echo-dgram', 'service echo'),
      residentBlock('ticks', {
        server: '/bin/sh',
        server_args: "-c 'while sleep 0.05; do echo tick; done'",
        restart: 'always',
        restart_delay: '0',
      }),
      residentBlock('brief', { server: '/bin/sleep', server_args: '0.2', restart: 'always', restart_delay: '0', output: 'log' }),
    ].join('');
    const prefix = [
      'env',
      `SUPERD_ADDON=${addon}`,
      `SUPERD_FAULTS=${faults.path}`,
      fixture('require-in-superd.sh'),
      fixture('nothing.cjs'),
    ];
    const world = new World(await startDaemon({ config, prefix, directory }), faults, { cat, echo: echoPort, web, datagrams });
    // Reaches the places where faults will be raised.
    for (let i = 0; i < 5; i++) await world.exercise();
    await world.expectService();
    return world;
  }

  /** The places that superd has reached and where a fault says something about it. */
  sites(): Site[] {
    return this.faults.sites().filter(({ name }) => !OF_IDENTITY.test(name));
  }

  /** Something of everything; what a fault hits fails. */
  async exercise(): Promise<void> {
    const { cat, echo: echoPort, web, datagrams } = this.ports;
    const { controlSocket } = this.daemon;
    this.round++;
    if (this.round % 4 === 0) this.daemon.signal('SIGHUP');
    await Promise.all([
      exchange(cat, 'cat'),
      exchange(echoPort, 'echo'),
      exchange(web, 'x'.repeat(40_000)),
      exchangeDatagram(datagrams, 'datagram'),
      command(controlSocket, 'list'),
      command(controlSocket, 'restart', { services: ['brief'] }),
    ]);
  }

  /** Raises one error at one site while superd is busy, and returns how often it was raised. */
  async raise(site: Site, error: ErrorName, times: number): Promise<number> {
    const before = this.faults.raised(site.index);
    const said = this.daemon.words.length;
    this.faults.arm(site.index, error, times);
    for (let i = 0; i < 4 && this.faults.raised(site.index) === before; i++) await this.exercise();
    this.faults.disarm(site.index);
    await this.expectService(`after ${error} at ${site.name}`);
    this.expectFewWords(this.daemon.words.slice(said), `${error} at ${site.name}`);
    return this.faults.raised(site.index) - before;
  }

  /** superd runs, in its first life, and its next client of each kind is served. */
  async expectService(when = 'at first'): Promise<void> {
    const { cat, echo: echoPort, web, datagrams } = this.ports;
    const evidence = { evidence: () => `${when}\n${this.daemon.account()}` };
    const alive = () => {
      if (!this.daemon.running || this.daemon.words.includes('executed again after'))
        throw new Error(`superd has ended ${evidence.evidence()}`);
    };
    const served = async (what: string, ask: () => Promise<unknown>, wanted: unknown) =>
      waitFor(
        `${what} ${when}`,
        async () => {
          alive();
          return (await ask()) === wanted;
        },
        evidence,
      );
    await Promise.all([
      served('a server', () => exchange(cat, 'hello', 5_000), 'hello'),
      served('a built-in service', () => exchange(echoPort, 'hello', 5_000), 'hello'),
      served('a redirect', () => exchange(web, 'hello', 5_000), 'hello'),
      served('a datagram', () => exchangeDatagram(datagrams, 'hello', 2_000), 'hello'),
      served('an operator', () => command(this.daemon.controlSocket, 'list', {}, 5_000), 200),
    ]);
  }

  /** What happened is said once: no line comes again and again. */
  private expectFewWords(words: string, what: string): void {
    const counts = new Map<string, number>();
    for (const line of words.split('\n')) {
      const text = line.replace(/^[\d:]+ +/, '').replace(/\d+/g, '#');
      if (/error|warning|fail|cannot|paused|resumed/i.test(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    for (const [text, count] of counts) if (count > MOST_MESSAGES) throw new Error(`${what}: said ${count} times: ${text}`);
  }
}
