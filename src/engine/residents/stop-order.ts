/** Something that is ended before whatever it was started after. */
export interface StopNode {
  readonly id: string;
  /** Ids. */
  readonly after: readonly string[];
  end(): Promise<void>;
}

/** Ends all, each when all have ended that were started after it. */
export async function lastFirst(all: readonly StopNode[]): Promise<void> {
  const later = new Map<string, StopNode[]>();
  for (const one of all) for (const id of one.after) later.set(id, [...(later.get(id) ?? []), one]);
  const ends = new Map<string, Promise<void>>();
  const end = (one: StopNode): Promise<void> => {
    const known = ends.get(one.id);
    if (known !== undefined) return known;
    // In the middle of a change of plan there may be a circle, which nobody is to wait for.
    ends.set(one.id, Promise.resolve());
    const ended = Promise.all((later.get(one.id) ?? []).map(end)).then(() => one.end());
    ends.set(one.id, ended);
    return ended;
  };
  await Promise.all(all.map(end));
}
