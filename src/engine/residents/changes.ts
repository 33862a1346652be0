/** Those who wait for something to become so, asked again after every change. */
export class Conditions {
  private readonly watchers = new Set<() => void>();

  /** Settles when it holds, which may be now. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.watchers.delete(look);
        resolve();
      };
      this.watchers.add(look);
    });
  }

  /** Something has changed. */
  tell(): void {
    for (const look of [...this.watchers]) look();
  }
}
