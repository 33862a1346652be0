import type { InitHeader } from './header.js';

/** The most files to try. */
const MOST = 16;

/**
 * The files in which the daemon of an init script may write its process number: those in the comments of the script, then those in its
 * variables (`PIDFILE=/run/crond.pid`, also with $NAME in it), then the usual places for its names.
 *
 * @example findPidfiles(header, 'NAME=web\nPIDFILE=/run/$NAME.pid\n') // ['/run/web.pid', ...]
 */
export function findPidfiles({ script, provides, pidfiles }: InitHeader, text: string): string[] {
  const names = [script, ...provides.filter((name) => /^[\w@+-]+$/.test(name))];
  const usual = names.flatMap((name) => [
    `/run/${name}.pid`,
    `/run/${name}/${name}.pid`,
    `/var/run/${name}.pid`,
    `/var/run/${name}/${name}.pid`,
  ]);
  return [...new Set([...pidfiles, ...written(text), ...usual])].slice(0, MOST);
}

function written(text: string): string[] {
  const variables = new Map<string, string>();
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s;#]*))\s*(?:[;#].*)?$/.exec(line);
    if (match === null) continue;
    const [, name = '', double, single, bare] = match;
    const value = single ?? expand(double ?? bare ?? '', variables);
    if (value === null) continue;
    if (!variables.has(name)) variables.set(name, value);
    if (/pid_?file$/i.test(name) && /^\/[\w./@+-]+$/.test(value)) found.push(value);
  }
  return found;
}

/** null where only a shell could expand the value. */
function expand(value: string, variables: ReadonlyMap<string, string>): string | null {
  const expanded = value.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, plain) => variables.get(braced ?? plain) ?? whole);
  return /[$`\\]/.test(expanded) ? null : expanded;
}
