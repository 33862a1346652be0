import { ConfigError, type Origin } from '../errors.js';
import { Findings } from './diagnostic.js';
import type { Block } from './entries.js';
import { parse } from './parse.js';
import { type Disk, reason } from './read.js';

/** Files and directories of one configuration. A few files that include each other twice would otherwise be read without end. */
const MOST_FILES = 10_000;
/** Above this, lines and their messages could take all memory. */
const MOST_BYTES = 16 * 1024 ** 2;
/** The depth of includes. */
const DEEPEST = 32;

export interface Gathered {
  /** The blocks of all files, in the order of reading. */
  readonly blocks: readonly Block[];
  /** Every file read, in order. */
  readonly files: readonly string[];
  readonly findings: readonly Findings[];
}

/** A file that other users can change: with `required` superd does not read it, with `preferred` it warns. */
export type Safety = 'required' | 'preferred';

/**
 * Reads the main file, all that it includes, and an inetd.conf.
 *
 * `includedir` takes the names in bytewise order and skips those with a dot in them or a `~` at the end, as xinetd does. The number of files,
 * their bytes and the depth of includes are bounded: superd reports what is beyond and reads everything else.
 *
 * @param parseInetdConf Reads inetd.conf, after everything else; a missing one is not an error (xinetd(8), -inetd_compat).
 * @throws ConfigError `config-unreadable` when the main file cannot be read; trouble with an included one is a finding.
 */
export function gather(path: string, disk: Disk, safety: Safety, inetd?: InetdConf): Gathered {
  const gatherer = new Gatherer(disk, safety);
  gatherer.main(path);
  if (inetd !== undefined && disk.kind(inetd.path) !== 'missing') gatherer.inetd(inetd);
  return gatherer;
}

/** An inetd.conf, and the parser of its dialect. */
export interface InetdConf {
  readonly path: string;
  readonly parse: (text: string, path: string) => { readonly blocks: readonly Block[]; readonly findings: readonly Findings[] };
}

class Gatherer implements Gathered {
  readonly blocks: Block[] = [];
  readonly files: string[] = [];
  readonly findings: Findings[] = [];
  private looks = 0;
  private bytesLeft = MOST_BYTES;
  private isFull = false;
  private readonly unsafe = new Set<string>();

  constructor(
    private readonly disk: Disk,
    private readonly safety: Safety,
  ) {}

  main(path: string): void {
    let text: string;
    try {
      text = this.read(path);
    } catch (error) {
      throw new ConfigError('config-unreadable', `cannot read ${path}: ${reason(error)}`, null, { cause: error });
    }
    this.take(path, text, []);
  }

  inetd({ path, parse: parseInetdConf }: InetdConf): void {
    try {
      const { blocks, findings } = parseInetdConf(this.read(path), path);
      this.files.push(path);
      this.blocks.push(...blocks);
      this.findings.push(...findings);
    } catch (error) {
      this.report({ path, line: 0 }).error('include-failed', `cannot read ${path}: ${reason(error)}`);
    }
  }

  private report(origin: Origin) {
    const own = new Findings();
    this.findings.push(own);
    return own.at(origin);
  }

  /** @throws Error for a file that is too large, or unsafe where safety is required. */
  private read(path: string): string {
    const weakness = this.disk.weakness(path);
    if (weakness !== null && this.safety === 'required') throw new Error(`${weakness.path} ${weakness.problem}`);
    const text = this.disk.readText(path, this.bytesLeft);
    this.bytesLeft -= Buffer.byteLength(text);
    if (weakness !== null) this.warnOnce(weakness);
    return text;
  }

  private warnOnce({ path, problem }: { readonly path: string; readonly problem: string }): void {
    if (this.unsafe.has(path)) return;
    this.unsafe.add(path);
    this.report({ path, line: 0 }).warning(
      'unsafe-file',
      `${problem}, and so change what superd runs; --require-safe-config refuses such files`,
    );
  }

  private take(file: string, text: string, within: readonly string[]): void {
    this.files.push(file);
    const parsed = parse(text, file);
    this.findings.push(parsed.findings);
    for (const entry of parsed.entries) {
      if ('assignments' in entry) {
        this.blocks.push(entry);
        continue;
      }
      const inside = [...within, file];
      if (!this.isBounded(entry.origin, inside)) continue;
      if (entry.kind === 'include') this.include(this.absolute(entry), entry.origin, inside);
      else this.includeDirectory(this.absolute(entry), entry.origin, inside);
    }
  }

  /** Whether one more file or directory is within the bounds; the first one beyond is reported. */
  private isBounded(origin: Origin, within: readonly string[]): boolean {
    if (within.length > DEEPEST) {
      this.report(origin).error('include-limit', `files include each other more than ${DEEPEST} deep; superd reads no further here`);
      return false;
    }
    if (this.isFull) return false;
    this.looks++;
    if (this.looks <= MOST_FILES) return true;
    this.isFull = true;
    this.report(origin).error('include-limit', `the configuration has more than ${MOST_FILES} files; superd reads no further file`);
    return false;
  }

  /** Relative to the including file: the daemon changes its working directory. */
  private absolute({ target, origin }: { readonly target: string; readonly origin: Origin }): string {
    const slash = origin.path.lastIndexOf('/');
    if (target.startsWith('/') || slash === -1) return target;
    const path = `${origin.path.slice(0, slash + 1)}${target}`;
    this.report(origin).note(
      'read-relative',
      `${target} is read as ${path}; xinetd resolves it against its working directory, and against / after a reload`,
    );
    return path;
  }

  private include(target: string, origin: Origin, within: readonly string[], from: 'include' | 'includedir' = 'include'): void {
    const report = this.report(origin);
    const problem = this.problemWith(target, from);
    if (within.includes(target)) report.error('include-loop', `${target} includes itself; superd does not read it a second time`);
    else if (problem !== null) report.error('include-failed', problem);
    else {
      try {
        this.take(target, this.read(target), within);
      } catch (error) {
        report.error('include-failed', `cannot read ${target}: ${reason(error)}`);
      }
    }
  }

  private problemWith(target: string, from: 'include' | 'includedir'): string | null {
    const kind = this.disk.kind(target);
    const remedy = from === 'include' ? `write "includedir ${target}"` : 'superd skips it, with everything in it';
    if (kind === 'directory') return `${target} is a directory; ${remedy}`;
    if (kind === 'missing') return `cannot read ${target}: no such file`;
    return kind === 'other' ? `${target} is not a regular file; superd skips it` : null;
  }

  private includeDirectory(directory: string, origin: Origin, within: readonly string[]): void {
    let names: string[];
    try {
      names = this.disk.list(directory).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    } catch (error) {
      this.report(origin).error('include-failed', `cannot read the directory ${directory}: ${reason(error)}`);
      return;
    }
    const skipped = names.filter((name) => name.includes('.') || name.endsWith('~'));
    if (skipped.length > 0)
      this.report(origin).note(
        'include-skipped',
        `files with a dot in the name or a ~ at its end are skipped in ${directory}: ${shorten(skipped)}`,
      );
    for (const name of names) {
      if (name.includes('.') || name.endsWith('~') || !this.isBounded(origin, within)) continue;
      this.include(`${directory.replace(/\/+$/, '')}/${name}`, origin, within, 'includedir');
    }
  }
}

function shorten(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}
