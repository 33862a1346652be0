import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importInetd } from '../../src/config/import-inetd.js';
import { load } from '../../src/config/load.js';
import { describeWith } from '../support/requirements.js';
import { run } from '../support/run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { caseDisk, caseLookUp } from './case-world.js';
import { corpusFolder } from './oracle.js';

const superctl = new URL('../../bin/superctl', import.meta.url).pathname;

/** Plans of the services, without their places in the text. */
async function plansOf(files: Record<string, string>, inetdConf: string | null) {
  const { plan } = await load({ path: 'main', inetdConf, lookUp: caseLookUp, disk: caseDisk(new Map(Object.entries(files))) });
  return plan.services.map((service) =>
    JSON.stringify(service, (key, value: unknown) => (key === 'origin' || key === 'origins' ? undefined : plain(value))),
  );
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort();
  return value === Infinity ? 'UNLIMITED' : value;
}

const LINES = `# A comment stays.
telnet\tstream  tcp  nowait  root  /usr/sbin/tcpd  in.telnetd -h
#<off># ftp stream tcp nowait root /usr/sbin/in.ftpd in.ftpd -l

8080 stream tcp6 nowait.40 games:tty /bin/web web -c "a b"
127.0.0.1:8081 stream tcp4 nowait/10/60/2 games.games /bin/web web
[::1]:8082 stream tcp nowait nobody /bin/web
tftp dgram udp wait root /usr/sbin/in.tftpd in.tftpd /srv/tftp
echo stream tcp nowait root internal
echo dgram udp wait root internal
/run/thing.sock stream unix nowait root /bin/thing thing a=b
http stream tcp nowait root /bin/httpd httpd \\
  -x -y
`;

describe('superctl import inetd', () => {
  test('writes text with the same plans as the dialect', async () => {
    const imported = importInetd(LINES, 'inetd.conf');
    const there = await plansOf({ main: '', 'inetd.conf': LINES.replace(/^#<off>.*$/m, '') }, 'inetd.conf');
    expect(await plansOf({ main: imported.text }, null)).toEqual(there);
    expect(there.length).toBeGreaterThan(7);
    expect(imported.lost).toBe(0);
  });

  test('keeps comments, and disabled lines as disabled services', () => {
    const { text } = importInetd('# c\n\n#<off># ftp stream tcp nowait root /bin/ftpd ftpd\n  # d\n', 'f');
    expect(text).toBe(`# c

service ftp
{
	disable = yes
	socket_type = stream
	protocol = tcp
	wait = no
	user = root
	server = /bin/ftpd
	server_args = ftpd
	flags = REUSE NAMEINARGS NOLIBWRAP
	groups = yes
}
# d
`);
  });

  test('reports every line that it cannot convert', async () => {
    const bad = 'ftp stream tcp\ntelnet stream tcp maybe root /bin/x x\n192.0.2.1:\nfinger strem tcp nowait root /bin/x x\n';
    const outcome = await run(superctl, ['import', 'inetd', '-'], { input: `${bad}time stream tcp nowait root internal\n` });
    expect(outcome.code).toBe(1);
    expect(outcome.stdout.match(/^# not converted: .*$/gm)).toEqual(
      bad
        .trim()
        .split('\n')
        .map((line) => `# not converted: ${line}`),
    );
    expect(outcome.stdout).toContain('service time\n');
    for (const line of [1, 2, 3, 4]) expect(outcome.stderr).toMatch(new RegExp(`^standard input:${line}: error: `, 'm'));
    expect(outcome.stderr).not.toMatch(/:5: error/);
  });

  test('reads a file, notes its decisions, and exits with 0; without the file with 100', async () => {
    const path = join(temporaryDirectory(), 'inetd.conf');
    writeFileSync(path, 'telnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd\n');
    const { code, stdout, stderr } = await run(superctl, ['import', 'inetd', path]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/server = \/usr\/sbin\/in\.telnetd/);
    expect(stderr).toContain(`${path}:1: note: superd itself checks the access rules, for in.telnetd`);
    expect((await run(superctl, ['import', 'inetd', `${path}.none`])).code).toBe(100);
  });
});

const folder = corpusFolder();

describeWith({ files: { there: folder !== null, called: 'the collection of real files (SUPERD_SHARED)' } }, 'real inetd.conf files', () => {
  test('convert to the same plans as the dialect', async () => {
    let services = 0;
    for (const name of readdirSync(join(folder as string, 'inetd'))) {
      const text = readFileSync(join(folder as string, 'inetd', name), 'utf8');
      const imported = importInetd(text, name);
      const there = await plansOf({ main: '', 'inetd.conf': text }, 'inetd.conf');
      expect(await plansOf({ main: imported.text }, null), name).toEqual(there);
      services += there.length;
      const wanted = text.split('\n').filter((line) => /^[^#\s]/.test(line)).length;
      const written = imported.text.match(/^(?:service |# not converted: )/gm)?.length ?? 0;
      expect(written, name).toBeGreaterThanOrEqual(wanted);
    }
    expect(services).toBeGreaterThan(20);
  });
});
