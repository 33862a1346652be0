import { fixture } from '../support/fixture.js';

/** Shorthands of a configuration: the attributes that every such service needs, on one line. */
const SHORTHANDS: Readonly<Record<string, (value: string) => readonly string[]>> = {
  '@stream': (port) => [
    ...['type = UNLISTED', 'socket_type = stream', 'protocol = tcp', 'wait = no', 'user = root', 'bind = 127.0.0.1'],
    `port = ${port}`,
  ],
  '@dgram': (port) => [
    ...['type = UNLISTED', 'socket_type = dgram', 'protocol = udp', 'wait = yes', 'user = root', 'bind = 127.0.0.1'],
    `port = ${port}`,
  ],
  '@internal': (port) => ['type = INTERNAL UNLISTED', 'wait = no', 'user = root', 'bind = 127.0.0.1', `port = ${port}`],
  '@log': () => ['log_type = FILE $LOG', 'log_on_success = PID HOST EXIT DURATION', 'log_on_failure = HOST'],
};

/**
 * A configuration as the daemons read it. `@stream $A` in a block expands to the attributes of an ordinary stream service on port `$A`, but those
 * that the block writes itself (a `-bind` behind it leaves that one out); `{accept-some.c}` is the path of a fixture.
 */
export function expandConfig(text: string, variables: ReadonlyMap<string, string>): string {
  const blocks = text.split(/^(?=\s*(?:service|defaults)\b)/m);
  return expand(blocks.map(expandBlock).join(''), variables);
}

/** The main file: without a line `defaults` it gets a block that logs everything. */
export function expandMainConfig(text: string, variables: ReadonlyMap<string, string>): string {
  return expandConfig(/^[\s#]*defaults\b/m.test(text) ? text : `defaults\n{\n\t@log\n}\n${text}`, variables);
}

/** Text with its variables: `$A` to `$F` are free ports, `$DIR` a directory, `$LOG` the service log in it. */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text
    .replace(/\{([\w-]+\.(?:c|sh|py))\}/g, (_, name: string) => fixture(name))
    .replace(/\$([A-Z]\w*)\b/g, (whole, name: string) => variables.get(name) ?? whole);
}

function expandBlock(block: string): string {
  const written = new Set([...block.matchAll(/^\s*(\w+)\s*=/gm)].map(([, name]) => name));
  return block.replace(/^\s*(@\w+)[ \t]*(\S*)(.*)\n/gm, (_, shorthand: string, value: string, rest: string) => {
    const lines = SHORTHANDS[shorthand]?.(value);
    if (lines === undefined) throw new Error(`no shorthand ${shorthand}; there are ${Object.keys(SHORTHANDS).join(', ')}`);
    const without = new Set(rest.split(/\s+/).map((word) => word.replace(/^-/, '')));
    const wanted = lines.filter((line) => {
      const name = line.split(' ')[0] as string;
      return !written.has(name) && !without.has(name);
    });
    return wanted.map((line) => `\t${line}\n`).join('');
  });
}
