import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InternalError, SystemError } from '../errors.js';
import type { Binding, NativeError } from './binding.js';

/** Set by the first call. */
let loaded: Binding | null = null;

/**
 * The addon, built by `npm run build` or prebuilt in the package.
 *
 * @throws InternalError when there is no addon for this machine.
 */
export function native(): Binding {
  return (loaded ??= load(addonPath()));
}

/** Loads an addon as require() does; createRequire would load the ESM loader, which costs 0.3 MB. */
function load(path: string): Binding {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Binding;
}

function addonPath(): string {
  // For scripts/sanitize.mjs, which tests an instrumented addon.
  const given = process.env['SUPERD_ADDON'];
  if (given !== undefined) return given;
  // This code runs in src/os/native.ts and in dist/*.cjs, one directory higher.
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
 * Calls the addon.
 *
 * @param subject The object of the call, for the message of an error: a text, or a descriptor.
 * @throws SystemError for an error of the addon.
 * @example callNative(fd, (binding) => binding.duplicate(fd))
 */
export function callNative<T>(subject: string | number, call: (binding: Binding) => T): T {
  try {
    return call(native());
  } catch (error) {
    if (!isNativeError(error)) throw error;
    const text = typeof subject === 'number' ? `of descriptor ${subject}` : subject;
    throw new SystemError(error.syscall, error.errno, text, { cause: error });
  }
}

function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'errno' in error && 'syscall' in error && !(error instanceof SystemError);
}
