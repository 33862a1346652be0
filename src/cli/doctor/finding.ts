/** A problem, where it is, and how to fix it. */
export interface Finding {
  /** `error`: something does not work. `warning`: something will not work as intended. `note`: nothing is wrong yet. */
  readonly severity: 'error' | 'warning' | 'note';
  /** For programs: which check found what. */
  readonly code: string;
  /** A line of the configuration, a file, or another thing to look at. */
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;
}
