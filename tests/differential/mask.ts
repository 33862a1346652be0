/** Text with what differs from one run to the next, or between two daemons that run at the same time, taken out of it. */
export function mask(text: string, variables: ReadonlyMap<string, string>): string {
  let masked = text.replace(/\/[\w./-]*superd-fixtures-\d+\/[0-9a-f]{12}/g, '$FIXTURES');
  for (const [name, value] of variables) {
    // Ports as whole numbers only.
    if (/^\d+$/.test(value)) masked = masked.replace(new RegExp(`(?<!\\d)${value}(?!\\d)`, 'g'), `$${name}`);
    else if (name === 'DIR' || name === 'CALLER') masked = masked.replaceAll(value, () => `$${name}`);
  }
  return masked
    .replace(/\bpid=[1-9]\d*/g, 'pid=PID')
    .replace(/\b\d\d [A-Z]{3} \d{4} \d\d:\d\d:\d\d \w+/g, 'TIME')
    .replace(/(remote_address = \S+),\d+/, '$1,PORT')
    .replace(/(.)\1{99,}/g, (run, one: string) => `${one}{${run.length}}`)
    .replace(/\bduration=\d+/g, 'duration=N')
    .replace(/(?<=\bhello |^")\d{2,7}(?=\\n| )/g, 'PID')
    .replace(/\d\d\/\d+\/\d+@\d\d:\d\d:\d\d/g, 'DATE');
}

/**
 * Entries of a service log in an order that does not hang on chance: sessions, each START with its EXIT, and then whatever else there is, by the
 * alphabet. The order in the file does hang on it: xinetd writes EXIT when it gets to it, and its children write FAIL when they get to it;
 * superd writes START when the server runs, which others may overtake.
 */
export function inOrder(entries: readonly string[]): string[] {
  const sessions: string[] = [];
  const others: string[] = [];
  for (const entry of entries) {
    const [, kind, id, pid] = /^(START|EXIT): (\S+).*?(?: pid=(\d+)|$)/.exec(entry) ?? [];
    // Not two lines yet: sessions that the daemon answers itself all have the pid 0.
    const start = sessions.findIndex(
      (one) => pid !== undefined && new RegExp(`^START: \\S+ pid=${pid}\\b.*$`).test(one) && one.split(' ')[1] === id,
    );
    if (kind === 'START') sessions.push(entry);
    else if (kind === 'EXIT' && start !== -1) sessions[start] += `\n${entry}`;
    else others.push(entry);
  }
  const masked = (lines: readonly string[]) => lines.map((line) => mask(line, new Map())).sort();
  return [...masked(sessions).flatMap((session) => session.split('\n')), ...masked(others)];
}
