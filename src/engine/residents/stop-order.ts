/** A service that must end before those that it starts after. */
export interface StopNode {
  readonly id: string;
  /** Ids. */
  readonly after: readonly string[];
  end(): Promise<void>;
}

/** Ends all services, each when those that start after it have ended. */
export async function stopInOrder(all: readonly StopNode[]): Promise<void> {
  const later = new Map<string, StopNode[]>();
  for (const one of all) for (const id of one.after) later.set(id, [...(later.get(id) ?? []), one]);
  const ends = new Map<string, Promise<void>>();
  const end = (one: StopNode): Promise<void> => {
    const known = ends.get(one.id);
    if (known !== undefined) return known;
    // While a new plan is applied there may be a circle, which must not wait for itself.
    ends.set(one.id, Promise.resolve());
    const ended = Promise.all((later.get(one.id) ?? []).map(end)).then(() => one.end());
    ends.set(one.id, ended);
    return ended;
  };
  await Promise.all(all.map(end));
}
