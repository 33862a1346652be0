import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../support/client.js';
import { startDaemon, startDaemonThatEnds } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';
import { ATTACKER, asAttacker, directories } from './attacker.js';

/** Every file that superd makes may be configured to be in a directory of another user, who decides what the names in it lead to. */
const needs = { root: true, programs: ['setpriv'], superdOnly: 'xinetd follows whatever it finds' };

async function greet(): Promise<string> {
  return serviceBlock('greet', { port: await freePort(), server: '/bin/echo', server_args: 'hello' });
}

describeWith(needs, 'the pidfile, where the attacker', () => {
  test('has laid a link to a directory of root: superd says so, and makes nothing there', async () => {
    const { theirs, roots } = directories();
    asAttacker(`ln -s ${roots} ${theirs}/run`);
    const daemon = await startDaemon({ config: await greet(), args: ['--pidfile', join(theirs, 'run/superd.pid')] });
    await daemon.waitForWords(/run is a symbolic link/);
    expect(readdirSync(roots)).toEqual([]);
  });

  test('lays the link later: at its end superd removes nothing there', async () => {
    const { theirs, roots } = directories();
    asAttacker(`mkdir ${theirs}/run`);
    const daemon = await startDaemon({ config: await greet(), args: ['--pidfile', join(theirs, 'run/superd.pid')] });
    expect(readFileSync(join(theirs, 'run/superd.pid'), 'utf8')).toBe(`${daemon.pid}\n`);
    writeFileSync(join(roots, 'superd.pid'), `${daemon.pid}\n`);
    asAttacker(`mv ${theirs}/run ${theirs}/away; ln -s ${roots} ${theirs}/run`);
    await daemon.stop();
    expect(existsSync(join(roots, 'superd.pid'))).toBe(true);
  });

  test('owns the directory: the file is the attacker’s as well', async () => {
    const { theirs } = directories();
    await startDaemon({ config: await greet(), args: ['--pidfile', join(theirs, 'superd.pid')] });
    expect(statSync(join(theirs, 'superd.pid'))).toMatchObject({ uid: ATTACKER.uid, gid: ATTACKER.gid });
  });
});

describeWith(needs, 'a state dump, where the attacker', () => {
  async function dumping(dump: string) {
    const daemon = await startDaemon({ config: await greet(), args: ['--dump', dump] });
    daemon.signal('SIGUSR1');
    await daemon.waitForWords(/state dump/);
    return daemon;
  }

  test('has exchanged the directory for a link to one of root', async () => {
    const { theirs, roots } = directories();
    asAttacker(`ln -s ${roots} ${theirs}/tmp`);
    const daemon = await dumping(join(theirs, 'tmp/superd.dump'));
    expect(readdirSync(roots)).toEqual([]);
    expect(daemon.words).toContain(`state dump: ${theirs}/tmp is a symbolic link`);
  });

  test('has laid a hard link to a file of root in a directory like /var/tmp', async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'tmp'));
    chmodSync(join(directory, 'tmp'), 0o1777);
    writeFileSync(join(directory, 'precious'), 'as it was\n');
    // As any user can where fs.protected_hardlinks is off, proc_sys_fs(5).
    linkSync(join(directory, 'precious'), join(directory, 'tmp/superd.dump'));
    const daemon = await dumping(join(directory, 'tmp/superd.dump'));
    expect(readFileSync(join(directory, 'precious'), 'utf8')).toBe('as it was\n');
    expect(daemon.words).toContain('superd.dump has other names');
  });

  test('waits with a file of the attacker’s own in such a directory', async () => {
    const directory = join(temporaryDirectory(), 'tmp');
    mkdirSync(directory);
    chmodSync(directory, 0o1777);
    asAttacker(`: >${directory}/superd.dump`);
    const daemon = await dumping(join(directory, 'superd.dump'));
    expect(readFileSync(join(directory, 'superd.dump'), 'utf8')).toBe('');
    expect(daemon.words).toContain('superd.dump belongs to someone else');
  });
});

describeWith(needs, 'a unix socket of a service, where the attacker', () => {
  const block = (path: string) => serviceBlock('local', { protocol: 'unix', bind: path, server: '/bin/echo', server_args: 'hello' });

  test('has exchanged the directory for a link to one of root', async () => {
    const { theirs, roots } = directories();
    asAttacker(`ln -s ${roots} ${theirs}/run`);
    const daemon = await startDaemon({ config: (await greet()) + block(join(theirs, 'run/local.sock')) });
    await daemon.waitForWords(/\/run is a symbolic link/);
    expect(readdirSync(roots)).toEqual([]);
  });

  test('lays the link later: superd removes no socket of root', async () => {
    const { theirs, roots } = directories();
    asAttacker(`mkdir ${theirs}/run`);
    const daemon = await startDaemon({ config: block(join(theirs, 'run/local.sock')) });
    asAttacker(`mv ${theirs}/run ${theirs}/away; ln -s ${roots} ${theirs}/run`);
    const other = await startDaemon({ config: block(join(roots, 'local.sock')) });
    await daemon.stop();
    expect(readdirSync(roots)).toEqual(['local.sock']);
    await other.stop();
  });

  test('owns the directory: the socket is the attacker’s, and serves everybody as ever', async () => {
    const { theirs } = directories();
    const path = join(theirs, 'local.sock');
    await startDaemon({ config: block(path) });
    expect(statSync(path)).toMatchObject({ uid: ATTACKER.uid });
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(await ask({ path })).toBe('hello\n');
  });
});

describeWith(needs, 'the control socket and the state, where the attacker', () => {
  test('has exchanged the directory for a link to one of root', async () => {
    const { theirs, roots } = directories();
    asAttacker(`ln -s ${roots} ${theirs}/run`);
    const first = await startDaemonThatEnds({ config: await greet(), args: ['--control', join(theirs, 'run/control.sock')] });
    const second = await startDaemonThatEnds({ config: await greet(), args: ['--state', join(theirs, 'run/state')] });
    expect(readdirSync(roots)).toEqual([]);
    for (const { words } of [first, second]) expect(words).toContain(`${theirs}/run is a symbolic link`);
  });

  test('could exchange the directory of the state: superd does not start', async () => {
    const { theirs } = directories();
    mkdirSync(join(theirs, 'state'), { mode: 0o700 });
    const daemon = await startDaemonThatEnds({ config: await greet(), args: ['--state', join(theirs, 'state')] });
    expect(readdirSync(join(theirs, 'state'))).toEqual([]);
    expect(daemon.words).toContain(`the state directory ${join(theirs, 'state')} can be exchanged`);
  });

  test('lays the link later: superd sets the mode of no socket of root', async () => {
    const { theirs, roots } = directories();
    asAttacker(`mkdir ${theirs}/run`);
    const port = await freePort();
    const block = serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' });
    const daemon = await startDaemon({ config: block, args: ['--control', join(theirs, 'run/control.sock')] });
    const other = await startDaemon({ config: await greet(), args: ['--control', join(roots, 'control.sock')] });
    asAttacker(`mv ${theirs}/run ${theirs}/away; ln -s ${roots} ${theirs}/run`);
    writeFileSync(daemon.configFile, `defaults\n{\n\tcontrol_read = nobody\n}\n${block}`);
    daemon.signal('SIGHUP');
    await waitFor('the reload', () => /Reconfigured:/.test(daemon.words));
    expect(await ask({ port })).toBe('hello\n');
    expect(statSync(join(roots, 'control.sock')).mode & 0o777).toBe(0o600);
    await daemon.stop();
    expect(existsSync(join(roots, 'control.sock'))).toBe(true);
    await other.stop();
  });
});
