import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonKind, startDaemon } from '../support/daemon.js';
import { fixture } from '../support/fixture.js';
import { type Mounts, withMounts } from '../support/mounts.js';
import { makeNetwork, type Namespace } from '../support/namespace.js';
import { describeWith, findProgram } from '../support/requirements.js';
import type { Running } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { waitFor } from '../support/wait-for.js';

/** As found in the wild, comments and all: `{` on the line of the service, no space before `=`, text after values. */
const BLOCK = `service telnet {
    disable = no                           // 서비스 사용 설정
    socket_type = stream                   // tcp = stream , udp = dgram
    wait=no                                // 요청을 받은 후 즉시 다음 요청 처리(no)
    user = root                            // 실행할 사용자 권한 설정
    server = /usr/sbin/in.telnetd          // 서비스 실행 파일 경로
    log_type = FILE /var/log/xinetd.log    // 로그를 기록할 파일 경로 (FILE 선택자 사용 시)
    log_on_failure += USERID               // 로그인 실패 시 로그에 기록할 내용
    no_access = 10.0.0.0/8                 // 접속 거부할 IP 대역    
    only_from = 192.168.10.0/24            // 접속 허용할 IP 대역    
    cps = 10 30                            // 최대 접속 수 제한. 지정한 접속 수 초과할 시 지정 시간동안 서비스가 비활성화됨
    instances = 5                          // 동시에 작동할 수 있는 최대 갯수
    access_times = 08:00-17:00             // 접속 허용 시간대
}
`;

/** The same block for xinetd, which knows neither these comments nor these blanks. */
function asXinetdWantsIt(block: string): string {
  return block
    .replace(/\s*\/\/.*$/gm, '')
    .replace(' {\n', '\n{\n')
    .replace('wait=no', 'wait = no');
}

const DAY = '2026-03-04T12:00:00';
const NIGHT = '2026-03-04T03:00:00';

/** The machine of the block: its addresses, a /usr/sbin where the server has the name that the block uses, and a /var/log for the test. */
async function makeMachine(clock: string, block = BLOCK) {
  const { server, client } = makeNetwork({
    server: ['192.168.10.1/24', '10.0.0.1/8', '172.16.0.1/12'],
    client: ['192.168.10.7/24', '192.168.10.8/24', '10.1.2.3/8', '172.16.0.7/12'],
  });
  const logs = temporaryDirectory();
  const daemon = await startDaemon({
    config: daemonKind() === 'superd' ? block : asXinetdWantsIt(block),
    defaults: '',
    namespace: server,
    prefix: withMounts({ ...telnetdMounts(), ...nameMounts(), '/var/log': logs }),
    ...timeOfDay(clock),
  });
  return { daemon, client, log: join(logs, 'xinetd.log') };
}

/** superd gets the time as an option, xinetd a time zone in which it is that late. */
function timeOfDay(clock: string): { args?: readonly string[]; env?: Readonly<Record<string, string>> } {
  if (daemonKind() === 'superd') return { args: ['--clock', clock] };
  const ahead = (Number(clock.slice(11, 13)) - new Date().getUTCHours() + 24) % 24;
  return { env: { TZ: ahead <= 12 ? `TST-${ahead}` : `TST+${24 - ahead}` } };
}

/** Debian's inetutils-telnetd is /usr/sbin/telnetd: makes a /usr/sbin that has it under both names. */
function telnetdMounts(): Mounts {
  if (existsSync('/usr/sbin/in.telnetd')) return {};
  const directory = temporaryDirectory();
  const real = join(directory, 'real');
  const seen = join(directory, 'seen');
  mkdirSync(real);
  mkdirSync(seen);
  for (const name of readdirSync('/usr/sbin')) symlinkSync(join(real, name), join(seen, name));
  symlinkSync(join(real, 'telnetd'), join(seen, 'in.telnetd'));
  return { [real]: '/usr/sbin', '/usr/sbin': seen };
}

/** telnetd looks up the names of its clients. No name server is in reach, so a table answers immediately. */
function nameMounts(): Mounts {
  const directory = temporaryDirectory();
  const hosts = join(directory, 'hosts');
  const order = join(directory, 'nsswitch.conf');
  writeFileSync(hosts, '127.0.0.1 localhost\n192.168.10.1 server\n192.168.10.7 seven\n192.168.10.8 eight\n');
  writeFileSync(order, 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n');
  return { '/etc/hosts': hosts, '/etc/nsswitch.conf': order };
}

/** telnetd writes first (IAC DO …), so an admitted client receives it. */
function knock(client: Namespace, from: string, to: string, count: number): Running {
  return client.start(fixture('knock.c'), [from, to, '23', String(count)]);
}

const needs = {
  root: true,
  programs: [findProgram('in.telnetd') ?? 'telnetd', 'login', 'gcc'],
  networkNamespaces: true,
  mountNamespaces: true,
};

describeWith(needs, 'a telnet block with comments after its values', () => {
  test('lets in its network and no other, five at once, and logs to the file it names', async () => {
    const { daemon, client, log } = await makeMachine(DAY);
    expect(await knock(client, '10.1.2.3', '10.0.0.1', 1).waitForLines(1)).toEqual(['out']);
    expect(await knock(client, '172.16.0.7', '172.16.0.1', 1).waitForLines(1)).toEqual(['out']);
    const three = knock(client, '192.168.10.7', '192.168.10.1', 3);
    expect(await three.waitForLines(3)).toEqual(['in', 'in', 'in']);
    expect(await knock(client, '192.168.10.8', '192.168.10.1', 2).waitForLines(2)).toEqual(['in', 'in']);
    const [sixth] = await knock(client, '192.168.10.8', '192.168.10.1', 1).waitForLines(1);
    expect(sixth).toBe('out');
    await daemon.waitForEntry(/^FAIL: telnet service_limit$/, log);
    expect(daemon.entries(log).filter((line) => line === 'FAIL: telnet address').length).toBe(2);
    await three.finish();
    await waitFor('a place to be free', async () => (await knock(client, '192.168.10.8', '192.168.10.1', 1).waitForLines(1))[0] === 'in');
  });

  test('refuses everyone outside its hours', async () => {
    const { daemon, client, log } = await makeMachine(NIGHT);
    expect(await knock(client, '192.168.10.7', '192.168.10.1', 1).waitForLines(1)).toEqual(['out']);
    await daemon.waitForEntry(/^FAIL: telnet time$/, log);
  });

  test('closes for 30 seconds when more than ten a second call', async () => {
    const { daemon, client, log } = await makeMachine(DAY, BLOCK.replace('instances = 5 ', 'instances = 50 '));
    const since = performance.now();
    const calls = await knock(client, '192.168.10.7', '192.168.10.1', 12).waitForLines(12);
    expect(calls.filter((line) => line === 'in').length).toBe(10);
    expect(await knock(client, '192.168.10.8', '192.168.10.1', 1).waitForLines(1)).toEqual(['refused']);
    await daemon.waitForEntry(/^FAIL: telnet connections per second$/, log);
    const again = async () => (await knock(client, '192.168.10.8', '192.168.10.1', 1).waitForLines(1))[0] === 'in';
    await waitFor('the service to be open again', again, { timeoutMs: 120_000 });
    // A second less for clocks that tick in whole ones.
    expect(performance.now() - since).toBeGreaterThan(28_500);
  });
});
