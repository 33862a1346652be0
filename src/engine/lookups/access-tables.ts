import { type AccessTables, compileTables, type RuleDiagnostic } from '../../access/index.js';
import type { Plan } from '../../config/plan.js';
import { placeOf } from '../../errors.js';
import { runNext } from '../../guarded.js';
import { hasInterface } from './interface-name.js';
import { QuietFiles } from './quiet-files.js';
import { ruleProblems, tableSource } from './rule-remarks.js';
import { WatchedFile } from './watched-file.js';

/** Messages about one version of the tables: a table of nonsense has one for each line. */
const MAX_MESSAGES = 100;

/** hosts.allow and hosts.deny, compiled. As a rule they are no older than the turn of the event loop in which they are used (quiet-files.ts). */
export class LiveTables {
  private allow: WatchedFile;
  private deny: WatchedFile;
  private files: QuietFiles;
  private compiled: AccessTables | null = null;
  private fresh = false;
  private reported = new Set<string>();
  /** What is wrong with the compiled tables. */
  problems: readonly RuleDiagnostic[] = [];

  /** @param report Called with each problem of the tables when they have changed. */
  constructor(private readonly report: (level: RuleDiagnostic['severity'], message: string) => void) {
    this.allow = new WatchedFile('/etc/hosts.allow');
    this.deny = new WatchedFile('/etc/hosts.deny');
    this.files = new QuietFiles([this.allow.path, this.deny.path]);
  }

  /** Changes the paths, and reports the problems of the tables there at once. */
  setPaths({ allow, deny }: Plan['tables']): void {
    if (allow !== this.allow.path || deny !== this.deny.path) {
      this.allow = new WatchedFile(allow);
      this.deny = new WatchedFile(deny);
      this.files.close();
      this.files = new QuietFiles([allow, deny]);
      this.compiled = null;
    }
    this.fresh = false;
    this.current();
  }

  /** Checks the files once in each turn of the event loop: connections accepted together are decided by the same tables. */
  current(): AccessTables {
    if (this.fresh && this.compiled !== null) return this.compiled;
    this.fresh = true;
    runNext(() => {
      this.fresh = false;
    });
    if (this.compiled !== null && this.allow.settled && this.deny.settled && this.files.areQuiet) return this.compiled;
    this.files.watch();
    const allowChanged = this.allow.refresh();
    const denyChanged = this.deny.refresh();
    if (this.compiled !== null && !allowChanged && !denyChanged) return this.compiled;
    this.compiled = compileTables({ allow: source(this.allow), deny: source(this.deny), hasInterface });
    this.problems = ruleProblems(this.compiled);
    this.reportAll(this.problems);
    return this.compiled;
  }

  /** Does not repeat problems that the tables had before. */
  private reportAll(diagnostics: readonly RuleDiagnostic[]): void {
    const messages = diagnostics.map((one) => [one.severity, `${placeOf(one)}: ${one.message}`] as const);
    this.reported = new Set(messages.map(([, message]) => message).filter((message) => this.reported.has(message)));
    for (const [severity, message] of messages) this.reportOnce(severity, message);
  }

  /** Reports a problem of these tables once, however often it is found. */
  reportOnce(level: RuleDiagnostic['severity'], message: string): void {
    if (this.reported.has(message) || this.reported.size >= MAX_MESSAGES) return;
    this.reported.add(message);
    this.report(level, message);
  }
}

const source = ({ path, content }: WatchedFile) => tableSource(path, content);
