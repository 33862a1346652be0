import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ScriptText {
  /** Lines of the LSB block beside `Provides`; null omits the block. */
  readonly lsb?: Readonly<Record<string, string>> | null;
  /** Other comments, such as `# chkconfig: …`. */
  readonly comments?: readonly string[];
  /** Shell text for each action; other actions exit with 3. */
  readonly words: Readonly<Record<string, string>>;
}

/** Writes an init script. */
export function writeInitScript(directory: string, name: string, { lsb = {}, comments = [], words }: ScriptText): string {
  const path = join(directory, name);
  const block = Object.entries({ Provides: name, 'Default-Start': '2 3 4 5', 'Short-Description': `test ${name}`, ...lsb });
  const lines = [
    '#!/bin/sh',
    ...comments.map((line) => `# ${line}`),
    ...(lsb === null ? [] : ['### BEGIN INIT INFO', ...block.map(([key, value]) => `# ${key}: ${value}`), '### END INIT INFO']),
    'case "$1" in',
    ...Object.entries(words).map(([word, text]) => `${word})\n${text}\n;;`),
    '*) exit 3 ;;',
    'esac',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The actions of a script whose daemon is sleep(1), with a pidfile. */
export function sleeperWords(pidfile: string): Record<string, string> {
  return {
    start: `[ -s ${pidfile} ] && kill -0 $(cat ${pidfile}) 2>/dev/null && exit 0\nsetsid sh -c 'echo $$ > ${pidfile}; exec sleep 1000' &\nexit 0`,
    stop: `[ -s ${pidfile} ] && kill $(cat ${pidfile}); rm -f ${pidfile}; exit 0`,
    restart: '$0 stop; $0 start',
    status: `[ -s ${pidfile} ] || exit 3; kill -0 $(cat ${pidfile}) 2>/dev/null || exit 1`,
  };
}
