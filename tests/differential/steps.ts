import { clientSteps } from './steps/clients.js';
import { daemonSteps } from './steps/daemon.js';
import { fileSteps } from './steps/files.js';
import { identSteps } from './steps/ident.js';
import { logSteps } from './steps/logs.js';
import { reportSteps } from './steps/report.js';
import { rpcSteps } from './steps/rpc.js';
import type { World } from './world.js';

/** What was seen, a line each; nothing if there was nothing to see. */
export type Verb = (world: World, request: Request) => Promise<readonly string[]> | readonly string[];

/** The words of a step behind its verb: `connect one to $B from 127.0.0.2` has the word `one`, and options by name. */
export class Request {
  constructor(
    readonly words: readonly string[],
    readonly options: ReadonlyMap<string, string>,
  ) {}

  word(index: number, what: string): string {
    const word = this.words[index];
    if (word === undefined) throw new Error(`wanted: ${what}`);
    return word;
  }
}

const verbs: Readonly<Record<string, Verb>> = {
  ...clientSteps,
  ...logSteps,
  ...daemonSteps,
  ...fileSteps,
  ...reportSteps,
  ...identSteps,
  ...rpcSteps,
};
const OPTION_NAMES: ReadonlySet<string> = new Set(['to', 'from', 'via', 'in', 'within', 'after']);

/** Does one step. */
export async function take(world: World, text: string): Promise<readonly string[]> {
  const [verb = '', ...words] = splitWords(world.expand(text));
  const take = verbs[verb];
  if (take === undefined) throw new Error(`no step «${verb}»; there are ${Object.keys(verbs).join(', ')}`);
  return (await take(world, readRequest(words))).map((line) => world.mask(line));
}

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Words between blanks; one in quotes is a JSON string. */
function splitWords(text: string): [string, ...Word[]] {
  const [verb = '', ...words] = text.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return [
    verb,
    ...words.map((word) => (word.startsWith('"') ? { text: JSON.parse(word) as string, quoted: true } : { text: word, quoted: false })),
  ];
}

function readRequest(words: readonly Word[]): Request {
  const plain: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const { text, quoted } = words[i]!;
    const value = words[i + 1]?.text;
    if (!quoted && OPTION_NAMES.has(text) && value !== undefined) {
      options.set(text, value);
      i++;
    } else plain.push(text);
  }
  return new Request(plain, options);
}
