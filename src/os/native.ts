import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InternalError, SystemError } from '../errors.js';
import type { Binding, NativeError } from './binding.js';

/** Filled by the first call; what it holds never changes. */
let loaded: Binding | null = null;

/**
 * The addon. Built by `npm run build`, or brought by the package for machines without a compiler.
 *
 * @throws InternalError when there is none for this machine.
 */
export function native(): Binding {
  return (loaded ??= load(addonPath()));
}

/** What require() does with an addon; asking for require itself would bring in the ESM loader and cost 0.3 MB. */
function load(path: string): Binding {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Binding;
}

function addonPath(): string {
  // For the sanitizer run, which tests an addon built apart: scripts/sanitize.mjs.
  const given = process.env['SUPERD_ADDON'];
  if (given !== undefined) return given;
  // This module runs as src/os/native.ts and inside dist/*.cjs, one floor higher.
  const roots = ['..', '../..'].map((up) => fileURLToPath(new URL(up, import.meta.url)));
  const found = roots.map((root) => `${root}/build/Release/superd.node`).find(existsSync);
  if (found !== undefined) return found;
  const machine = `linux-${process.arch}-${libc()}`;
  const prebuilt = roots.map((root) => `${root}/prebuilds/${machine}/superd.node`).find(existsSync);
  if (prebuilt === undefined) throw new InternalError(`the native addon for ${machine} is missing; «npm run build» compiles it`);
  return prebuilt;
}

function libc(): 'glibc' | 'musl' {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return report.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
}

/**
 * What the addon threw, as the rest of superd knows it; anything else comes back as it is.
 *
 * @param subject What the call was about, for people.
 */
export function systemError(error: unknown, subject: string): unknown {
  return isNativeError(error) ? new SystemError(error.syscall, error.errno, subject, { cause: error }) : error;
}

function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'errno' in error && 'syscall' in error && !(error instanceof SystemError);
}
