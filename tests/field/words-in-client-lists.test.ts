import { expect, test } from 'vitest';
import type { DaemonKind } from '../support/daemon.js';
import { describeWith } from '../support/requirements.js';
import { check, whatBecomesOf } from './migrated.js';

/** Words that are no address, each with the loopback client in what it seems to mean. */
const NO_ADDRESS = [
  ...['ALL', 'any', '*', '127.0.0.*', '127.*', '127.0.0.1-127.0.0.9', '127.0.0.1-9', '256.1.1.1', '127.0.0.0/'],
  ...['!10.0.0.1', '127.0.0.1:80', '<address>', '127.0.0.1;', '"127.0.0.1"', '@trusted', 'user@host', '*.example.com', '127.0.0.0/abc'],
] as const;

/** Those that xinetd reads as a single address, and superd does not read. */
const NO_PREFIX = ['127.0.0.1/33', '127.0.0.1/255.0.255.0', '127.0.0.{300}', '::1/129'] as const;

const PLAIN = ['ALL', 'any', '*', '127.0.0.*', '127.*', '127.0.0.1-127.0.0.9', '127.0.0.1-9'] as const;

async function outcomes(lines: readonly string[], kind: DaemonKind): Promise<string[]> {
  const found = await whatBecomesOf(
    lines.map((line) => [line, 'flags = IPv4']),
    kind,
  );
  return found.map((outcome, i) => `${lines[i]}: ${outcome}`);
}

describeWith({ root: true, programs: ['xinetd'] }, 'a word in a list of clients that is no address', () => {
  test('admits no client in only_from, as under xinetd, and leaves the other words in force', async () => {
    const alone = NO_ADDRESS.map((word) => `only_from = ${word}`);
    const beside = NO_ADDRESS.map((word) => `only_from = ${word} 127.0.0.1`);
    const wanted = [...alone.map((line) => `${line}: refuses`), ...beside.map((line) => `${line}: serves`)];
    const [theirs, ours] = await Promise.all([outcomes([...alone, ...beside], 'xinetd'), outcomes([...alone, ...beside], 'superd')]);
    expect(theirs).toEqual(wanted);
    expect(ours).toEqual(wanted);
  });

  test('refuses in no_access the clients it plainly means, which xinetd admits', async () => {
    const plain = PLAIN.map((word) => `no_access = ${word}`);
    const others = ['no_access = 10.0.0.*', 'no_access = 127.0.0.2-9', 'no_access = 256.1.1.1', 'no_access = !10.0.0.1'];
    expect(await outcomes([...plain, ...others], 'xinetd')).toEqual([...plain, ...others].map((line) => `${line}: serves`));
    expect(await outcomes([...plain, ...others], 'superd')).toEqual([
      ...plain.map((line) => `${line}: refuses`),
      ...others.map((line) => `${line}: serves`),
    ]);
  });
});

describeWith({}, 'the check of a word in a list of clients that is no address', () => {
  test('warns in only_from, and once more in capitals where no client is left', () => {
    const words = [...NO_ADDRESS, ...NO_PREFIX];
    for (const [i, { status, messages, attributes }] of check(words.map((word) => [`only_from = ${word}`])).entries()) {
      expect([words[i], status, attributes['only_from']]).toEqual([words[i], 'accepted', '']);
      expect(messages.filter((one) => /ADMITS NO CLIENT$/.test(one))).toHaveLength(1);
      expect(messages.filter((one) => /^warning: only_from: the list is empty, so superd REFUSES EVERY CLIENT/.test(one))).toHaveLength(1);
    }
  });

  test('names the right spelling', () => {
    const [all, stars] = check([['only_from = ALL'], ['only_from = 10.0.0.*']]);
    expect(all?.messages.join()).toContain('for every client write 0.0.0.0/0 ::/0, or leave the attribute out');
    expect(stars?.messages.join()).toContain('write 10.0.0. or the network in CIDR notation');
  });

  test('shows what no_access refuses, and warns in capitals of a word that refuses no client', () => {
    const lines = ['ALL', '10.0.0.*', '10.0.0.1-10.0.0.6', '*.example.com', '256.1.1.1'].map((word) => [`no_access = ${word}`]);
    const checked = check(lines);
    expect(checked.map(({ attributes }) => attributes['no_access'])).toEqual([
      '0.0.0.0/0 ::/0',
      '10.0.0.0/24',
      '10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6',
      '.example.com',
      '',
    ]);
    expect(checked[4]?.messages.join()).toContain('REFUSES NO CLIENT');
  });

  test('is an error with strict = yes', () => {
    const defaults = 'defaults\n{\n\tstrict = yes\n}\n';
    const statuses = check([['only_from = ALL'], ['no_access = ALL']], { defaults }).map(({ status }) => status);
    expect(statuses).toEqual(['rejected', 'rejected']);
  });

  test('is an error in braces, where xinetd drops the service', () => {
    const words = ['10.0.0.{1-5}', '10.{1}.2.3', '10.0.0.{1', '10.0.0.{}', '..'];
    const statuses = check(words.map((word) => [`only_from = ${word}`])).map(({ status }) => status);
    expect(statuses).toEqual(words.map(() => 'rejected'));
  });
});
