/** Something amiss, where it is, and how it is mended. */
export interface Finding {
  /** `error`: something does not work. `warning`: it will not as meant. `note`: worth knowing; nothing is wrong yet. */
  readonly severity: 'error' | 'warning' | 'note';
  /** For programs: which check, and what it found. */
  readonly code: string;
  /** A line of the configuration, a file, or what else there is to look at. */
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}
