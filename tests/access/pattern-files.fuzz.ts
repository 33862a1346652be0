import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileTables, decide, RequestFacts } from '../../src/access/index.js';
import { mangle } from '../support/fuzz.js';
import { describeWith } from '../support/requirements.js';
import { temporaryDirectory } from '../support/temporary.js';
import { Dice } from './dice.js';
import { Oracle, oracleNeeds } from './oracle/oracle.js';

/** libwrap forks for each row; ACCESS_ROWS and ACCESS_SEED as for the tables. */
const rows = Number(process.env['ACCESS_ROWS'] ?? 200_000);
const seed = Number(process.env['ACCESS_SEED'] ?? 1_000_000);
const BATCH = 200;

const FILES = [
  '10.0.0.1\f127.0.0.1\n',
  '127.0.0.1\0x y\n',
  '10.0.0.0/8 @grp [::1]/128\r\n127.\n',
  '# all *\nLOCAL KNOWN .example.com\n',
].map((one) => Buffer.from(one));

describeWith(oracleNeeds, 'files of host patterns', () => {
  test(`are read as the real libwrap reads ${rows} of them`, async () => {
    const oracle = new Oracle(temporaryDirectory());
    const directory = temporaryDirectory();
    for (let start = seed; start < seed + rows; start += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, seed + rows - start) }, (_, i) =>
        rowOf(new Dice(start + i), join(directory, String(i))),
      );
      const answers = await oracle.ask(batch.map(({ row }) => row));
      for (const [i, { verdict }] of answers.entries()) {
        const { row, content } = batch[i] as Case;
        expect({ seed: start + i, content, verdict: verdictOf(row, content) }).toEqual({ seed: start + i, content, verdict });
      }
    }
    await oracle.end();
  });
});

type Case = ReturnType<typeof rowOf>;

function rowOf(dice: Dice, path: string) {
  const content = mangle(dice, dice.pick(FILES));
  writeFileSync(path, content);
  const address = dice.pick(['127.0.0.1', '10.0.0.1', '192.0.2.7', '::1']);
  const hostname = dice.pick(['', 'localhost', 'www.example.com', 'unknown']);
  const request = { daemon: 'd', address, hostname, user: '', server_address: '', server_hostname: '' };
  return { row: { allow: '', deny: `ALL: ${path}\n`, request }, content };
}

function verdictOf({ allow, deny, request }: Case['row'], content: Buffer): 'allow' | 'deny' {
  const tables = compileTables({ allow: { path: 'a', content: allow }, deny: { path: 'd', content: deny } });
  const server = { address: '', name: '' };
  const facts = new RequestFacts({ daemon: 'd', user: '', client: { address: request.address, name: request.hostname }, server });
  for (;;) {
    const answer = decide(tables, facts);
    if (answer.kind === 'decided') return answer.verdict;
    const { need } = answer;
    facts.learn(need, need.fact === 'file' ? (deny === `ALL: ${need.path}\n` ? content : null) : false);
  }
}
