import { inOrder } from '../mask.js';
import { patiently, settled } from '../patiently.js';
import type { Verb } from '../steps.js';
import type { World } from '../world.js';

/** What is looked at in the logs. */
export const logSteps: Readonly<Record<string, Verb>> = {
  /** log PATTERN [in FILE] [within SECONDS]: waits for such a line of the service log that has not been shown, and shows all that have not. */
  async log(world, request) {
    const file = request.options.get('in') ?? 'service.log';
    const pattern = new RegExp(request.word(0, 'log PATTERN'));
    const isMeant = (line: string) => pattern.test(line);
    await patiently(
      request,
      `${pattern} in ${file}`,
      world,
      () => fresh(world, file).some(isMeant),
      (recorded) => recorded.some(isMeant),
    );
    await settled(world, () => inOrder(fresh(world, file)));
    return showLog(world, file);
  },

  /** words PATTERN [within SECONDS]: waits for it in the program log since the last such step, and shows what matched. */
  async words(world, request) {
    const pattern = new RegExp(request.word(0, 'words PATTERN'));
    const seen = world.shown.get('words') ?? 0;
    await patiently(request, `${pattern} from the daemon`, world, () => find(world.words, pattern, seen) !== null);
    const match = find(world.words, pattern, seen);
    if (match === null) return ['nothing'];
    world.shown.set('words', match.index + 1);
    return [match.text];
  },

  /** said PATTERN: whether the program log contains it by now. */
  said(world, request) {
    const pattern = new RegExp(request.word(0, 'said PATTERN'));
    return [world.words.some((line) => pattern.test(line)) ? 'yes' : 'no'];
  },
};

/** Lines of a service log that have not been shown, without dates. */
export function showLog(world: World, file: string): string[] {
  const lines = fresh(world, file);
  world.shown.set(`log ${file}`, (world.shown.get(`log ${file}`) ?? 0) + lines.length);
  return inOrder(lines);
}

function fresh(world: World, file: string): string[] {
  return world
    .lines(file)
    .slice(world.shown.get(`log ${file}`) ?? 0)
    .map((line) => line.replace(/^\d\d\/\d+\/\d+@\d\d:\d\d:\d\d: /, ''));
}

function find(lines: readonly string[], pattern: RegExp, from: number): { text: string; index: number } | null {
  for (let index = from; index < lines.length; index++) {
    const match = pattern.exec(lines[index] as string);
    if (match !== null) return { text: match[0], index };
  }
  return null;
}
