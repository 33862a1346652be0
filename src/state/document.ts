export interface StateSection<T> {
  readonly value: T;
  /** Takes it for the present value, which is written soon: many changes in one turn are one write. */
  set(value: T): void;
}

/** The version of the document's layout; one of a later superd is not touched. */
const VERSION = 1;

/** The state as JSON: `{"superd": 1, "sections": {…}}`. A section that nobody asks for in this run stays as it is. */
export class Document {
  private constructor(private readonly sections: Record<string, unknown>) {}

  static empty(): Document {
    return new Document({});
  }

  /** @throws Error saying why it is no document of superd's. */
  static parse(text: string): Document {
    const found = JSON.parse(text) as { superd?: unknown; sections?: unknown } | null;
    if (typeof found !== 'object' || found === null || typeof found.sections !== 'object' || found.sections === null)
      throw new Error('it is no state of superd');
    if (found.superd !== VERSION) throw new Error(`wanted version ${VERSION}, found ${JSON.stringify(found.superd)}`);
    return new Document({ ...found.sections });
  }

  text(): string {
    return `${JSON.stringify({ superd: VERSION, sections: this.sections })}\n`;
  }

  section<T>(name: string, read: (value: unknown) => T, changed: () => void): StateSection<T> {
    let value: T;
    try {
      value = read(this.sections[name]);
    } catch {
      value = read(undefined);
    }
    const { sections } = this;
    return {
      get value() {
        return value;
      },
      set(next) {
        value = next;
        sections[name] = next;
        changed();
      },
    };
  }
}
