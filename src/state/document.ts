/** The version of the document's layout; superd leaves a later one alone. */
const VERSION = 1;

/** One part of the state, owned by one module. */
export interface StateSection<T> {
  readonly value: T;
  /** Replaces the value. The store writes soon: changes within 20 ms are one write. */
  set(value: T): void;
}

/** The state as JSON: `{"superd": 1, "sections": {…}}`. Sections that no module asks for in this run are kept. */
export class Document {
  private constructor(private readonly sections: Record<string, unknown>) {}

  static empty(): Document {
    return new Document({});
  }

  /** @throws Error saying why the text is not a document of superd. */
  static parse(text: string): Document {
    const found = JSON.parse(text) as { superd?: unknown; sections?: unknown } | null;
    if (typeof found !== 'object' || found === null || typeof found.sections !== 'object' || found.sections === null)
      throw new Error('this is not the state of superd');
    if (found.superd !== VERSION) throw new Error(`wanted version ${VERSION}, found ${JSON.stringify(found.superd)}`);
    return new Document({ ...found.sections });
  }

  text(): string {
    return `${JSON.stringify({ superd: VERSION, sections: this.sections })}\n`;
  }

  section<T>(name: string, read: (value: unknown) => T, onChange: () => void): StateSection<T> {
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
        onChange();
      },
    };
  }
}
