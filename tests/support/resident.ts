import { userInfo } from 'node:os';
import type { Daemon } from './daemon.js';
import { isSameProcess, type ProcessFacts, processFacts } from './processes.js';
import type { Attributes } from './service-block.js';
import { waitFor } from './wait-for.js';

/** The text of one resident daemon, run as the user who runs the test. */
export function residentBlock(name: string, attributes: Attributes): string {
  const all: Attributes = { activation: 'boot', user: userInfo().username, ...attributes };
  const lines = Object.entries(all).filter(([, value]) => value !== null);
  return `service ${name}\n{\n${lines.map(([key, value]) => `\t${key} = ${[value].flat().join(' ')}\n`).join('')}}\n`;
}

/** The lines that superd printed about one instance, oldest first: `running pid 7`. */
export function storyOf(daemon: Daemon, name: string): string[] {
  return daemon.words
    .split('\n')
    .map((line) => /^\d\d:\d\d:\d\d {2}(\S+) +(\S.*)$/.exec(line))
    .flatMap((match) => (match !== null && match[1] === name ? [match[2] as string] : []))
    .map((text) => text.replace(/ {2,}/g, ' '));
}

/** The process of an instance that is running; null while it is not. */
export function runningProcess(daemon: Daemon, name: string): ProcessFacts | null {
  const last = storyOf(daemon, name).at(-1) ?? '';
  const pid = /^running pid (\d+)/.exec(last)?.[1];
  const facts = pid === undefined ? null : processFacts(Number(pid));
  return facts !== null && facts.state !== 'Z' ? facts : null;
}

/** Waits until an instance is running, and is not the process `before`. */
export async function waitUntilUp(daemon: Daemon, name: string, before: ProcessFacts | null = null): Promise<ProcessFacts> {
  return waitFor(
    `${name} to be running`,
    () => {
      const now = runningProcess(daemon, name);
      return now !== null && now.pid !== before?.pid && isSameProcess(now) ? now : null;
    },
    { evidence: () => daemon.account() },
  );
}

export async function waitForStory(daemon: Daemon, name: string, pattern: RegExp): Promise<string> {
  return waitFor(`${pattern} about ${name}`, () => storyOf(daemon, name).find((line) => pattern.test(line)), {
    evidence: () => daemon.account(),
  });
}
