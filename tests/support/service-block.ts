import { userInfo } from 'node:os';

/** Attribute names and values as in xinetd.conf(5). A list becomes one line, a name may be `name+=` or `name-=`, null leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | readonly (string | number)[] | null>>;

/**
 * The text of one service block that both superd and xinetd accept: by default a stream service on 127.0.0.1, with a process for each
 * connection, run as the user who runs the test.
 *
 * @example serviceBlock('greet', { port: 7001, server: '/bin/echo', server_args: 'hello' })
 */
export function serviceBlock(name: string, attributes: Attributes): string {
  const dgram = attributes['socket_type'] === 'dgram';
  const defaults: Attributes = {
    type: 'UNLISTED',
    socket_type: 'stream',
    protocol: dgram ? 'udp' : 'tcp',
    wait: dgram ? 'yes' : 'no',
    user: userInfo().username,
    bind: '127.0.0.1',
  };
  return `service ${name}\n${attributeLines({ ...defaults, ...attributes })}`;
}

/** The text of the `defaults` block. */
export function defaultsBlock(attributes: Attributes): string {
  return `defaults\n${attributeLines(attributes)}`;
}

function attributeLines(attributes: Attributes): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== null);
  const lines = given.map(([name, value]) => {
    const [, word, operator] = /^(\w+)\s*([+-]?=)?$/.exec(name)!;
    return `\t${word} ${operator ?? '='} ${[value].flat().join(' ')}`.trimEnd();
  });
  return `{\n${lines.join('\n')}\n}\n`;
}
