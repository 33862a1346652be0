/** Handles events one after the other: an event that is raised while another is being handled waits for its turn. */
export class EventQueue<E extends string> {
  private readonly waiting: E[] = [];
  private busy = false;

  constructor(private readonly handle: (event: E) => void) {}

  /** @throws the first error of `handle`, after the events behind it have been handled. */
  raise(event: E): void {
    this.waiting.push(event);
    if (this.busy) return;
    this.busy = true;
    const errors: unknown[] = [];
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      try {
        this.handle(next);
      } catch (error) {
        errors.push(error);
      }
    }
    this.busy = false;
    if (errors.length > 0) throw errors[0];
  }
}
