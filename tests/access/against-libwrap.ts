import { difference } from './compare.js';
import { Dice } from './dice.js';
import { randomRow } from './generate.js';
import type { Oracle, Row } from './oracle/oracle.js';

export interface Mismatch {
  readonly seed: number;
  readonly found: string;
  readonly row: Row;
}

const BATCH = 200;

/** Compares the real library and superd on rows from the seeds `from` to `from + count` − 1; returns the shrunk differences. */
export async function compareWithLibwrap(oracle: Oracle, from: number, count: number, atMost = 5): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (let start = from; start < from + count && mismatches.length < atMost; start += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, from + count - start) }, (_, i) => start + i);
    const rows = seeds.map((seed) => randomRow(new Dice(seed)));
    const answers = await oracle.ask(rows);
    for (const [i, answer] of answers.entries()) {
      if (difference(rows[i] as Row, answer) === '') continue;
      mismatches.push({ seed: seeds[i] as number, ...(await shrink(oracle, rows[i] as Row)) });
    }
  }
  return mismatches.slice(0, atMost);
}

async function differs(oracle: Oracle, row: Row): Promise<string> {
  const [answer] = await oracle.ask([row]);
  return answer === undefined ? '' : difference(row, answer);
}

/** Removes pieces of the tables and of the request as long as the difference remains. */
async function shrink(oracle: Oracle, row: Row): Promise<{ row: Row; found: string }> {
  for (const smaller of smallerRows(row)) {
    if ((await differs(oracle, smaller)) !== '') return shrink(oracle, smaller);
  }
  return { row, found: await differs(oracle, row) };
}

function* smallerRows(row: Row): Generator<Row> {
  for (const table of ['allow', 'deny'] as const) {
    for (const size of [64, 16, 4, 1]) {
      for (let at = 0; at < row[table].length; at += size) yield { ...row, [table]: row[table].slice(0, at) + row[table].slice(at + size) };
    }
  }
  for (const key of ['user', 'hostname', 'server_address', 'server_hostname'] as const) {
    if (row.request[key] !== '') yield { ...row, request: { ...row.request, [key]: '' } };
  }
}
