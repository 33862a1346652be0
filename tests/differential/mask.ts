import type { DaemonKind } from '../support/daemon.js';

/** Text with what differs from one run to the next, or between two daemons that run at the same time, taken out of it. */
export function mask(text: string, variables: ReadonlyMap<string, string>): string {
  let masked = text.replace(/\/[\w./-]*superd-fixtures-\d+\/[0-9a-f]{12}/g, '$FIXTURES');
  for (const [name, value] of variables) {
    // Ports as whole numbers only.
    if (/^\d+$/.test(value)) masked = masked.replace(new RegExp(`(?<!\\d)${value}(?!\\d)`, 'g'), `$${name}`);
    else if (name === 'DIR') masked = masked.replaceAll(value, '$DIR');
  }
  return masked
    .replace(/\bpid=[1-9]\d*/g, 'pid=PID')
    .replace(/\bduration=\d+/g, 'duration=N')
    .replace(/\bhello \d+/g, 'hello PID');
}

/**
 * Entries of a service log in an order that does not hang on chance. xinetd writes EXIT when it gets to it, which may be after the next
 * connection's START; and START in the parent while the child already writes its FAIL.
 */
export function inOrder(entries: readonly string[], kind: DaemonKind): string[] {
  const ordered: string[] = [];
  const chronological = kind === 'xinetd' ? entries.flatMap((entry, i) => startsFirst(entry, entries[i - 1], entries[i + 1])) : entries;
  for (const entry of chronological) {
    const pid = /^EXIT: .* pid=(\d+)/.exec(entry)?.[1];
    const start = pid === undefined ? -1 : ordered.findLastIndex((one) => one.startsWith('START:') && one.includes(` pid=${pid}`));
    if (start !== -1) ordered.splice(start + 1, 0, entry);
    else ordered.push(entry);
  }
  return ordered;
}

/** A denial that came before the START of its own child changes places with it. */
function startsFirst(entry: string, before: string | undefined, after: string | undefined): string[] {
  if (isDenialOf(before, entry)) return [entry, before as string];
  return isDenialOf(entry, after) ? [] : [entry];
}

function isDenialOf(denial: string | undefined, start: string | undefined): boolean {
  const [, id, from] = /^FAIL: (\S+) (?:address|libwrap)(?= |$)(.*)/.exec(denial ?? '') ?? [];
  return id !== undefined && start?.startsWith(`START: ${id}`) === true && start.endsWith(from as string);
}
