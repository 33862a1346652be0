/** Promises of conditions, which are checked again after every change. */
export class Conditions {
  private readonly checks = new Set<() => void>();

  /** Settles when the condition holds, which may be now. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.checks.delete(check);
        resolve();
      };
      this.checks.add(check);
    });
  }

  /** Something has changed. */
  recheck(): void {
    for (const check of [...this.checks]) check();
  }
}
