import type { CommandContext } from '@stricli/core';
import type { Screen } from './terminal.js';

/** A command's access to the world. It writes nowhere else and never ends the process. */
export interface Io extends CommandContext {
  readonly process: {
    readonly stdout: { write(text: string): unknown };
    readonly stderr: { write(text: string): unknown };
    readonly env: Readonly<Partial<Record<string, string>>>;
    exitCode?: number | string | null;
  };
  /** Standard output, for its width and whether it shows colours. */
  readonly screen: Screen;
  readonly errorScreen: Screen;
  /** `--socket`; null for the usual ones. */
  readonly socket: string | null;
  readonly stdin: NodeJS.ReadableStream;
  /** Writes to standard output; resolves when its reader has room for more. */
  readonly print: (text: string) => Promise<void>;
  /** The same without the printer, for bytes that the user wants as they are. */
  readonly printRaw: (bytes: Uint8Array) => Promise<void>;
}
