import { expect, test } from 'vitest';
import { readInitHeader } from './header.js';
import { findPidfiles } from './pidfiles.js';

const first = (text: string, most = 3) => findPidfiles(readInitHeader('web', text), text).slice(0, most);

test('comments come first, then variables of the script, then the usual places for each name', () => {
  const text = '# pidfile: /run/said.pid\n### BEGIN INIT INFO\n# Provides: web http $httpd\n### END INIT INFO\nPIDFILE=/run/written.pid\n';
  expect(findPidfiles(readInitHeader('web', text), text)).toEqual([
    ...['/run/said.pid', '/run/written.pid'],
    ...['/run/web.pid', '/run/web/web.pid', '/var/run/web.pid', '/var/run/web/web.pid'],
    ...['/run/http.pid', '/run/http/http.pid', '/var/run/http.pid', '/var/run/http/http.pid'],
  ]);
});

test('variables are expanded where no shell is needed, and the first value counts', () => {
  expect(first(`NAME=apache2\nNAME=other\nPIDFILE=/run/$NAME/\${NAME}.pid # where\n`, 1)).toEqual(['/run/apache2/apache2.pid']);
  expect(first('  pid_file="/run/a b.pid"\nDAEMON_PIDFILE=\'/run/x-1.pid\';\n', 1)).toEqual(['/run/x-1.pid']);
  const usual = '/run/web.pid';
  for (const value of ['$(cat /etc/name)', '`id`', '/run/$UNKNOWN.pid', 'run/relative.pid', '/run/\\x.pid', "'/run/$NAME.pid'", ''])
    expect(first(`NAME=n\nPIDFILE=${value}\n`, 1)).toEqual([usual]);
});

test('unusual names give no paths, and the list is bounded', () => {
  expect(findPidfiles({ ...readInitHeader('web', ''), provides: ['../../etc', '$facility', 'a b'] }, '')).toHaveLength(4);
  const many = Array.from({ length: 100 }, (_, i) => `A${i}_PIDFILE=/run/${i}.pid\n`).join('');
  expect(findPidfiles(readInitHeader('web', ''), many)).toHaveLength(16);
});
