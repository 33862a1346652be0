import { readFileSync, realpathSync, statSync } from 'node:fs';

/** So many bytes of a program show whether the kernel can execute it: the `#!` line (at most 255 bytes) or the headers of ELF. */
export const HEAD_BYTES = 4096;

/** What the machine can execute. */
export interface Machine {
  /** As `process.arch`. */
  readonly arch: string;
  readonly kindOf: (path: string) => 'program' | 'missing' | 'not-executable';
}

export const thisMachine: Machine = {
  arch: process.arch,
  kindOf(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? 'missing' : found.isFile() && (found.mode & 0o111) !== 0 ? 'program' : 'not-executable';
  },
};

/** e_machine of elf(5), by `process.arch`. The second name runs too where the kernel supports the older instruction set. */
const MACHINES: Readonly<Record<string, readonly number[]>> = {
  x64: [62, 3],
  arm64: [183, 40],
  ia32: [3],
  arm: [40],
  riscv64: [243],
  ppc64: [21],
  s390x: [22],
  loong64: [258],
};
const NAMES: Readonly<Record<number, string>> = {
  3: 'i386',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'ppc64',
  22: 's390x',
  40: 'ARM',
  62: 'x86-64',
  183: 'aarch64',
  243: 'RISC-V',
  258: 'LoongArch',
};

/**
 * Why the kernel cannot execute a program, with the fix; null when its beginning shows no reason.
 *
 * @param head The first `HEAD_BYTES` of the file.
 * @example executionProblem(Buffer.from('echo hello\n'), thisMachine) // 'the script has no #! line; write #!/bin/sh, or the path of its interpreter, as its first line'
 */
export function executionProblem(head: Uint8Array, machine: Machine): string | null {
  const bytes = Buffer.from(head);
  if (bytes.length === 0) return 'the file is empty';
  if (bytes.subarray(0, 2).equals(Buffer.from('#!'))) return scriptProblem(bytes, machine);
  if (bytes.subarray(0, 4).equals(Buffer.from('\x7fELF'))) return elfProblem(bytes, machine);
  if (bytes.subarray(0, 5).equals(Buffer.from('\ufeff#!')))
    return "a byte-order mark precedes its #! line; remove the mark: sed -i '1s/^\\xef\\xbb\\xbf//' FILE";
  if (bytes.includes(0)) return 'it is neither a script nor a program in ELF format';
  return 'the script has no #! line; write #!/bin/sh, or the path of its interpreter, as its first line';
}

function scriptProblem(bytes: Buffer, { kindOf }: Machine): string | null {
  const line = bytes.subarray(2).toString('utf8').split('\n', 1)[0] as string;
  const interpreter = /^[ \t]*([^ \t]*)/.exec(line)?.[1] ?? '';
  if (interpreter.replace('\r', '') === '') return 'its #! line names no interpreter; write its path after #!';
  if (interpreter.endsWith('\r'))
    return `its first line ends in CR (a file with Windows line ends), so the kernel looks for ${JSON.stringify(interpreter)}; remove the CRs: sed -i 's/\\r$//' FILE`;
  const quoted = JSON.stringify(interpreter);
  if (!interpreter.startsWith('/'))
    return `its #! line names ${quoted}, which is not an absolute path; write the full path of the interpreter`;
  const kind = kindOf(interpreter);
  if (kind === 'missing') return `its interpreter ${quoted} does not exist; install it, or correct the first line of the script`;
  return kind === 'program' ? null : `its interpreter ${quoted} is not executable; correct the first line of the script`;
}

function elfProblem(bytes: Buffer, { arch, kindOf }: Machine): string | null {
  if (bytes.length < 64) return 'it is cut off: the header of an ELF program is incomplete';
  const little = bytes[5] === 1;
  const half = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const cpu = half(18);
  const own = MACHINES[arch];
  if (own !== undefined && !own.includes(cpu))
    return `it is a program for ${NAMES[cpu] ?? `the processor ${cpu} of elf(5)`}, and this machine is ${NAMES[own[0] as number]}; install the one for this machine`;
  const loader = loaderOf(bytes, little);
  if (loader === null || kindOf(loader) !== 'missing') return null;
  return `its loader ${JSON.stringify(loader)} does not exist; install the C library that it was linked with`;
}

const PT_INTERP = 3;

/** The path in the program header PT_INTERP; null for a static program, or where it is not in the first bytes. */
function loaderOf(bytes: Buffer, little: boolean): string | null {
  const wide = bytes[4] === 2;
  const number = (at: number, size: 2 | 4 | 8) => {
    if (at + size > bytes.length) return 0;
    const low = little ? bytes.readUIntLE(at, Math.min(size, 6)) : bytes.readUIntBE(at + (size === 8 ? 2 : 0), Math.min(size, 6));
    return low;
  };
  const [table, size, count] = wide ? [number(32, 8), number(54, 2), number(56, 2)] : [number(28, 4), number(42, 2), number(44, 2)];
  for (let i = 0; i < count; i++) {
    const at = table + i * size;
    if (number(at, 4) !== PT_INTERP) continue;
    const [offset, length] = wide ? [number(at + 8, 8), number(at + 32, 8)] : [number(at + 4, 4), number(at + 16, 4)];
    if (length < 2 || offset + length > bytes.length) return null;
    return bytes.toString('utf8', offset, offset + length - 1);
  }
  return null;
}

/**
 * The mount point of the file system with this file, if it is mounted with `noexec`; otherwise null.
 *
 * @param mounts The text of /proc/self/mountinfo, proc_pid_mountinfo(5).
 * @example noexecMount('/tmp/a/server', '9 1 0:4 / / rw - ext4 a rw\n8 9 0:5 / /tmp rw,noexec - tmpfs t rw\n') // '/tmp'
 */
export function noexecMount(path: string, mounts: string): string | null {
  let found = { point: '', options: '' };
  for (const line of mounts.split('\n')) {
    const [, , , , at = '', options = ''] = line.split(' ');
    const point = at.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
    const below = point === '/' || path === point || path.startsWith(`${point}/`);
    // Of several mounts on one point the last one counts.
    if (at !== '' && below && point.length >= found.point.length) found = { point, options };
  }
  return found.options.split(',').includes('noexec') ? found.point : null;
}

/** Whether the file system of a file is mounted with `noexec`, in words with the fix; null when it is not, or nothing is known. */
export function noexecProblem(path: string): string | null {
  try {
    const point = noexecMount(realpathSync(path), readFileSync('/proc/self/mountinfo', 'utf8'));
    return point === null ? null : `the file system at ${point} is mounted noexec; move the program, or mount without noexec`;
  } catch {
    return null;
  }
}
