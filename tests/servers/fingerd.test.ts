import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';
import { makeNetwork } from '../support/namespace.js';
import { describeWith, findProgram } from '../support/requirements.js';

describeWith({ root: true, programs: ['in.fingerd', 'finger'], networkNamespaces: true }, 'fingerd', () => {
  test('describes a user to a client on another machine', async () => {
    const { server, client } = makeNetwork({ server: ['192.168.10.1/24'], client: ['192.168.10.7/24'] });
    const daemon = await startDaemon({
      config: `service finger
{
	socket_type = stream
	wait = no
	user = nobody
	server = ${findProgram('in.fingerd')}
	server_args = -w
	flags = IPv4
}
`,
      namespace: server,
    });
    const { stdout } = await client.run('finger', ['root@192.168.10.1']);
    expect(stdout).toMatch(/Login: root\s+Name: root/);
    await daemon.waitForEntry(/^START: finger pid=\d+ from=192\.168\.10\.7$/);
  });
});
