import { expect, test } from 'vitest';
import { parseInetdConf } from './inetd-conf.js';

test.each(['\r', '\u2028', '\u2029', '\v'])('a line with a stray %j in it is a line like any other', (sign) => {
  const { blocks } = parseInetdConf(`8080 stream tcp nowait nobody /bin/date date a${sign}b\n80${sign}81\n`, 'f');
  expect(blocks[0]?.name).toBe('8080');
});
