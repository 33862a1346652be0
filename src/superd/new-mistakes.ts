import type { Diagnostic } from '../config/diagnostic.js';
import { ConfigError } from '../errors.js';
import { renderDiagnostic } from './load-configuration.js';

/** `superctl apply` found mistakes that the running configuration does not have. The message lists them, one a line. */
export class NewMistakes extends ConfigError {
  /** For the log, which already has the mistakes. */
  readonly summary: string;

  constructor(mistakes: readonly Diagnostic[]) {
    const summary = `the configuration has ${mistakes.length} new mistake${mistakes.length === 1 ? '' : 's'}`;
    super('config-rejected', [`${summary}, so nothing has changed:`, ...mistakes.map(renderDiagnostic)].join('\n'));
    this.summary = summary;
  }
}
