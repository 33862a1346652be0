import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

test.each(readdirSync(`${root}examples`))('the example %s is taken without a remark', (name) => {
  const config = `${root}examples/${name}/superd.conf`;
  const { stdout, status } = spawnSync(`${root}bin/superd`, ['--check', '--own-user', '--config', config], { encoding: 'utf8' });
  expect(stdout).toMatch(/^\d+ services? accepted, 0 disabled, 0 rejected; 0 errors, 0 warnings, 0 notes\n$/);
  expect(status).toBe(0);
});
