import { ConfigError, type Origin } from '../errors.js';
import { Findings } from './diagnostic.js';
import type { Block } from './entries.js';
import { parse } from './parse.js';
import { type Disk, reason } from './read.js';

export interface Gathered {
  /** The blocks of all files, in the order of reading. */
  readonly blocks: readonly Block[];
  /** Every file read, in order. */
  readonly files: readonly string[];
  readonly findings: readonly Findings[];
}

/**
 * Reads the main file and all that it includes.
 *
 * `includedir` takes the names in bytewise order and skips those with a dot in them or a `~` at the end, as xinetd does.
 *
 * @throws ConfigError `config-unreadable` when the main file cannot be read; trouble with an included one is a finding.
 */
export function gather(path: string, disk: Disk): Gathered {
  const blocks: Block[] = [];
  const files: string[] = [];
  const findings: Findings[] = [];

  const take = (file: string, text: string, within: readonly string[]) => {
    files.push(file);
    const parsed = parse(text, file);
    findings.push(parsed.findings);
    for (const entry of parsed.entries) {
      if (entry.kind === 'include') include(absolute(entry.target, entry.origin), entry.origin, [...within, file]);
      else if (entry.kind === 'includedir') includeDirectory(absolute(entry.target, entry.origin), entry.origin, [...within, file]);
      else if (entry.kind === 'service' || entry.kind === 'defaults') blocks.push(entry);
    }
  };

  const report = (origin: Origin) => {
    const own = new Findings();
    findings.push(own);
    return own.at(origin);
  };

  /** Relative to the including file: the daemon changes its working directory. */
  const absolute = (target: string, origin: Origin) => {
    const slash = origin.path.lastIndexOf('/');
    if (target.startsWith('/') || slash === -1) return target;
    const path = `${origin.path.slice(0, slash + 1)}${target}`;
    report(origin).note(
      'read-relative',
      `${target} is read as ${path}; xinetd resolves it against its working directory, and against / after a reload`,
    );
    return path;
  };

  const include = (target: string, origin: Origin, within: readonly string[], from: 'include' | 'includedir' = 'include') => {
    if (within.includes(target))
      return report(origin).error('include-loop', `${target} includes itself; superd does not read it a second time`);
    const kind = disk.kind(target);
    const remedy = from === 'include' ? `write "includedir ${target}"` : 'superd skips it, with everything in it';
    if (kind === 'directory') return report(origin).error('include-failed', `${target} is a directory; ${remedy}`);
    if (kind === 'missing') return report(origin).error('include-failed', `cannot read ${target}: no such file`);
    if (kind === 'other') return report(origin).error('include-failed', `${target} is not a regular file; superd skips it`);
    try {
      take(target, disk.readText(target), within);
    } catch (error) {
      report(origin).error('include-failed', `cannot read ${target}: ${reason(error)}`);
    }
  };

  const includeDirectory = (directory: string, origin: Origin, within: readonly string[]) => {
    let names: string[];
    try {
      names = disk.list(directory).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    } catch (error) {
      return report(origin).error('include-failed', `cannot read the directory ${directory}: ${reason(error)}`);
    }
    const skipped = names.filter((name) => name.includes('.') || name.endsWith('~'));
    if (skipped.length > 0)
      report(origin).note(
        'include-skipped',
        `files with a dot in the name or a ~ at its end are skipped in ${directory}: ${shorten(skipped)}`,
      );
    for (const name of names) {
      if (!name.includes('.') && !name.endsWith('~')) include(`${directory.replace(/\/+$/, '')}/${name}`, origin, within, 'includedir');
    }
  };

  let text: string;
  try {
    text = disk.readText(path);
  } catch (error) {
    throw new ConfigError('config-unreadable', `cannot read ${path}: ${reason(error)}`, null, { cause: error });
  }
  take(path, text, []);
  return { blocks, files, findings };
}

function shorten(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}
