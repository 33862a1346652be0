import type { DatagramBinding } from './binding/datagrams.js';
import type { DiagBinding } from './binding/diag.js';
import type { FileBinding } from './binding/files.js';
import type { LoopBinding } from './binding/loop.js';
import type { NameBinding } from './binding/names.js';
import type { SafeFileBinding } from './binding/open-safely.js';
import type { ProcessBinding } from './binding/process.js';
import type { RelayBinding } from './binding/relay.js';
import type { SocketBinding } from './binding/socket.js';
import type { SpawnBinding } from './binding/spawn.js';
import type { StreamBinding } from './binding/stream.js';
import type { SyslogBinding } from './binding/syslog.js';

export * from './binding/datagrams.js';
export type * from './binding/diag.js';
export * from './binding/loop.js';
export type * from './binding/names.js';
export type * from './binding/open-safely.js';
export * from './binding/relay.js';
export type * from './binding/socket.js';
export * from './binding/spawn.js';
export type * from './binding/syslog.js';

/**
 * The contract with the addon in `native/`: it makes system calls and returns numbers, or throws a `NativeError`. It decides nothing.
 *
 * Everything asynchronous (connections, readable sockets, started and ended processes) arrives in batches through one callback, as
 * fixed-size records in a shared buffer: see `loopOpen`.
 */
export interface Binding
  extends LoopBinding,
    SocketBinding,
    StreamBinding,
    DatagramBinding,
    DiagBinding,
    SpawnBinding,
    RelayBinding,
    ProcessBinding,
    FileBinding,
    SafeFileBinding,
    NameBinding,
    SyslogBinding {}

/** The error that the addon throws: errno and syscall, no prose. */
export interface NativeError extends Error {
  readonly errno: number;
  readonly syscall: string;
}
