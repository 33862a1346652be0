import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findDaemon } from '../../src/supervise/init-script/find-daemon.js';
import { trustedPid } from '../../src/supervise/pidfile.js';
import { ask } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { freePort } from '../support/ports.js';
import { describeWith } from '../support/requirements.js';
import { serviceBlock } from '../support/service-block.js';
import { ATTACKER, asAttacker, directories } from './attacker.js';

const needs = { root: true, programs: ['setpriv'], superdOnly: 'xinetd reads whatever it finds' };

describeWith(needs, 'a banner in a directory of the attacker', () => {
  async function greet(banner: string) {
    const port = await freePort();
    const daemon = await startDaemon({ config: serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello', banner }) });
    return { daemon, answer: await ask({ port }) };
  }

  test('is sent to clients', async () => {
    const { theirs } = directories();
    asAttacker(`echo welcome >${theirs}/banner; chmod 600 ${theirs}/banner`);
    expect((await greet(join(theirs, 'banner'))).answer).toBe('welcome\nhello\n');
  });

  test('shows no client a file that only root can read, by a link of the attacker or by a directory in the place of another', async () => {
    const { theirs, roots } = directories();
    writeFileSync(join(roots, 'banner'), 'secret\n', { mode: 0o600 });
    asAttacker(`ln -s ${roots}/banner ${theirs}/banner; ln -s ${roots} ${theirs}/directory`);
    for (const path of [join(theirs, 'banner'), join(theirs, 'directory/banner')]) {
      const { daemon, answer } = await greet(path);
      expect(answer).toBe('hello\n');
      await daemon.waitForWords(/is a symbolic link that someone else could have made/);
    }
  });

  test('of access rules shows none either', async () => {
    const { theirs, roots } = directories();
    const [allow, deny] = [join(roots, 'allow'), join(roots, 'deny')] as const;
    writeFileSync(join(roots, 'echo'), 'secret\n', { mode: 0o600 });
    asAttacker(`mkdir ${theirs}/banners; ln -s ${roots}/echo ${theirs}/banners/echo`);
    writeFileSync(allow, `ALL: ALL: banners ${theirs}/banners\n`);
    writeFileSync(deny, '');
    const port = await freePort();
    const tables = `defaults\n{\n\thosts_allow = ${allow}\n\thosts_deny = ${deny}\n}\n`;
    const daemon = await startDaemon({ config: tables + serviceBlock('greet', { port, server: '/bin/echo', server_args: 'hello' }) });
    expect(await ask({ port })).toBe('hello\n');
    await daemon.waitForWords(/banners\/echo is a symbolic link/);
  });
});

describeWith(needs, 'a pidfile in a directory of the attacker', () => {
  const NO_PROCESS = 'SUPERD_TEST=of-no-process';

  test('counts when it is the attacker’s own', () => {
    const { theirs } = directories();
    asAttacker(`echo ${process.ppid} >${theirs}/pid`);
    expect(trustedPid(join(theirs, 'pid'), ATTACKER.uid)).toBe(process.ppid);
  });

  test('does not name the process of another pidfile, by a directory in the place of another or a second name', () => {
    const { theirs, roots } = directories();
    writeFileSync(join(roots, 'pid'), `${process.ppid}\n`);
    expect(findDaemon([join(roots, 'pid')], NO_PROCESS)?.pid).toBe(process.ppid);
    asAttacker(`ln -s ${roots} ${theirs}/run`);
    linkSync(join(roots, 'pid'), join(theirs, 'pid'));
    for (const path of [join(theirs, 'run/pid'), join(theirs, 'pid')]) expect(findDaemon([path], NO_PROCESS)).toBeNull();
  });

  test('is not waited for when it is a FIFO', () => {
    const { theirs } = directories();
    asAttacker(`mkfifo ${theirs}/pid`);
    expect(trustedPid(join(theirs, 'pid'), ATTACKER.uid)).toBe(0);
  });
});
