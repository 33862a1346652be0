import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeWith } from '../support/requirements.js';

const docs = new URL('../../docs/', import.meta.url).pathname;

describeWith({ programs: ['mandoc'] }, 'the manual pages of the access rules', () => {
  test.each(['hosts_access.5', 'hosts_options.5', 'tcpd.8', 'tcpdmatch.8', 'tcpdchk.8'])('mandoc has no warning about %s', (page) => {
    const { status, stdout, stderr } = spawnSync('mandoc', ['-Tlint', '-W', 'warning', docs + page], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
  });
});
