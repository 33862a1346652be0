import { Dice } from '../access/dice.js';

/** SUPERD_FUZZ_INPUTS: how many inputs each target gets. */
const INPUTS = Number(process.env['SUPERD_FUZZ_INPUTS'] ?? 1_000_000);

type Act = (dice: Dice, describe: (input: unknown) => void) => void | Promise<void>;

/** An input that takes longer has hung. */
const LONGEST_MS = 1000;

/**
 * Gives a target many inputs, each from a seed of its own: SUPERD_FUZZ_SEED repeats a run. Fails for an exception, and for an input that takes
 * more than a second.
 *
 * @param perAct How many inputs one call of `act` tries.
 * @param act Makes one input from the dice, and tries it; the returned text describes it when something is wrong.
 */
export async function fuzz(target: string, act: Act, perAct = 1): Promise<void> {
  const first = Number(process.env['SUPERD_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  let slowest = 0;
  const began = performance.now();
  for (let i = 0; i < INPUTS / perAct; i++) {
    let input: unknown = null;
    const start = performance.now();
    try {
      await act(new Dice(first + i), (one) => {
        input = one;
      });
    } catch (error) {
      throw new Error(`${target}: seed ${first + i}: ${show(input)}`, { cause: error });
    }
    const took = performance.now() - start;
    if (took > LONGEST_MS) throw new Error(`${target}: seed ${first + i}: ${Math.round(took)} ms for ${show(input)}`);
    slowest = Math.max(slowest, took);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.info(`${target}: ${INPUTS} inputs from seed ${first} in ${seconds} s, the slowest ${slowest.toFixed(1)} ms`);
}

const show = (input: unknown) => (Buffer.isBuffer(input) ? input.toString('latin1') : JSON.stringify(input))?.slice(0, 2000);

/** Changes, repeats, cuts or inserts some bytes of a text. */
export function mangle(dice: Dice, text: Buffer): Buffer {
  let bytes = Buffer.from(text);
  for (let changes = dice.roll(6); changes > 0; changes--) {
    const at = dice.roll(bytes.length + 1);
    const piece = Buffer.from(dice.times(0, 4, () => (dice.oneIn(2) ? dice.roll(256) : dice.pick(INTERESTING))));
    bytes = dice.weighted([
      [4, () => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.length)])],
      [2, () => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])],
      [1, () => bytes.subarray(0, at)],
      [1, () => Buffer.concat([bytes, bytes.subarray(at)])],
    ]);
  }
  return bytes;
}

const INTERESTING = [...Buffer.from('\0\t\n\v\f\r :,/\\"{}[]%@.*-09\x7f\x80\xa0\xff', 'latin1')];
