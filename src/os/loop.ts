import { InternalError } from '../errors.js';
import type { ExitStatus, ResourceUsage } from '../report/event.js';
import { RECORD_COUNT, RECORD_WORDS, RecordKind, type RelayEnd, relayEnds, type SpawnStep, spawnSteps, TAKEN, Word } from './binding.js';
import { callNative, native } from './native.js';
import { PeerView } from './peer-view.js';

/** An accepted connection. One object serves for all connections: read it during the call. */
export interface AcceptedRecord {
  /** Blocking and close-on-exec. */
  readonly fd: number;
  readonly family: 4 | 6 | 1;
  readonly port: number;
  /** The peer's address, most significant word first, IPv4 as ::ffff:a.b.c.d; all zero for a unix socket. */
  readonly w0: number;
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;
  /** The interface of a link-local address, else 0. */
  readonly scope: number;
}

/** A relayed session that is over. */
export interface RelayedSession {
  readonly end: RelayEnd;
  /** The error of the last attempt, or of the side that failed; else 0. */
  readonly errno: number;
  /** The number of the target that accepted, in its route; −1 for none. */
  readonly target: number;
  readonly side: 'client' | 'target';
  readonly fromClient: number;
  readonly fromTarget: number;
}

/** The handlers of the records, called in order. An error thrown by one affects only its own record. */
export interface LoopHandlers {
  /** @returns true to keep the descriptor. Otherwise the addon closes it, unless it was passed to `spawn` or `close` meanwhile. */
  accepted(token: number, record: AcceptedRecord): boolean;
  /** A resource is exhausted or runs short (EMFILE, ENFILE, ENOBUFS, ENOMEM). Repeats until the listener is unwatched. */
  acceptFailed(token: number, errno: number): void;
  readable(token: number): void;
  /** @param microseconds From `spawn` until the program was running. */
  spawned(token: number, pid: number, microseconds: number): void;
  spawnFailed(token: number, step: SpawnStep, errno: number): void;
  /** Always after `spawned`. A process smaller than superd reports superd's own maximum RSS, because maxrss survives execve(2). */
  exited(token: number, exit: ExitStatus, usage: ResourceUsage): void;
  relayEnded(token: number, relayed: RelayedSession): void;
  /** A target did not accept a session; the relay tries the next, if any. */
  relayFailed(token: number, target: number, errno: number): void;
  /** An error thrown by another handler. Must not throw. */
  onError(error: unknown): void;
}

/** The open loop. */
export interface Loop {
  /**
   * Accepts from a listener, which becomes non-blocking.
   *
   * @param keepFree Descriptors that its clients leave for other purposes; `acceptFailed` reports when there are no more.
   */
  watchAccept(fd: number, token: number, keepFree?: number): void;
  /** How many descriptors superd may still open, less one for each start under way. */
  descriptorsFree(): number;
  /** Reports once that a descriptor is readable, without reading it; call it again for the next report. */
  watchReadable(fd: number, token: number): void;
  /** Reports once, as `readable`, that a descriptor is writable. A descriptor is watched for one of the two at a time. */
  watchWritable(fd: number, token: number): void;
  /** Call this before closing the descriptor by other means than `close` of os/socket. Connections accepted in the same batch are still reported. */
  unwatch(fd: number): void;
  /** Makes the loop keep the process alive, as it does at first. */
  ref(): void;
  unref(): void;
  /** Stops the loop; watched descriptors stay open and processes keep running. */
  close(): void;
}

/**
 * Opens the loop; at most one at a time.
 *
 * @param spawnThreads How many starts may run at once.
 */
export function openLoop(handlers: LoopHandlers, spawnThreads: number): Loop {
  const words = new Int32Array(RECORD_COUNT * RECORD_WORDS);
  const dispatch = createDispatcher(words, handlers);
  const onBatch = (count: number) => {
    for (let i = 0; i < count; i++) {
      try {
        dispatch(i * RECORD_WORDS);
      } catch (error) {
        handlers.onError(error);
      }
    }
  };
  callNative('', (binding) => binding.loopOpen(words, spawnThreads, onBatch));
  return {
    watchAccept: (fd, token, keepFree = 0) => callNative(fd, (binding) => binding.watchAccept(fd, token, keepFree)),
    descriptorsFree: () => native().descriptorsFree(),
    watchReadable: (fd, token) => callNative(fd, (binding) => binding.watchReadable(fd, token)),
    watchWritable: (fd, token) => callNative(fd, (binding) => binding.watchWritable(fd, token)),
    unwatch: (fd) => native().unwatch(fd),
    ref: () => native().loopRef(true),
    unref: () => native().loopRef(false),
    close: () => native().loopClose(),
  };
}

class RecordView extends PeerView implements AcceptedRecord {
  constructor(words: Int32Array) {
    super(words, Word.family);
  }
  get fd() {
    return this.word(Word.fd);
  }
  get family() {
    return this.word(Word.family) as 4 | 6 | 1;
  }
}

/** Returns a function that calls the handler of the record at word `base`. */
function createDispatcher(words: Int32Array, handlers: LoopHandlers): (base: number) => void {
  const view = new RecordView(words);
  const at = (base: number, word: number) => words[base + word] as number;
  return (base) => {
    const token = at(base, Word.token);
    switch (at(base, Word.kind)) {
      case RecordKind.accepted:
        view.base = base;
        if (handlers.accepted(token, view)) words[base + Word.verdict] = TAKEN;
        break;
      case RecordKind.acceptFailed:
        handlers.acceptFailed(token, at(base, Word.errno));
        break;
      case RecordKind.readable:
        handlers.readable(token);
        break;
      case RecordKind.spawned:
        handlers.spawned(token, at(base, Word.pid), at(base, Word.microseconds));
        break;
      case RecordKind.spawnFailed:
        handlers.spawnFailed(token, spawnSteps[at(base, Word.step)] as SpawnStep, at(base, Word.errno));
        break;
      case RecordKind.exited:
        if (at(base, Word.code) === 0) handlers.onError(new InternalError('other code has reaped a process that superd started'));
        handlers.exited(token, exitOf(at(base, Word.code), at(base, Word.status)), usageOf(words, base));
        break;
      case RecordKind.relayEnded:
        handlers.relayEnded(token, relayedSessionOf(words, base));
        break;
      case RecordKind.relayFailed:
        handlers.relayFailed(token, at(base, Word.target), at(base, Word.errno));
        break;
      default: // Kind 0: unwatched during this batch.
    }
  };
}

/** CLD_* of waitid(2). */
const KILLED = 2;
const DUMPED = 3;

/** Code 0, for a child that other code has reaped, counts as exit status 0: the process has ended, and its slot is free. */
function exitOf(code: number, status: number): ExitStatus {
  if (code === KILLED || code === DUMPED) return { kind: 'signaled', signal: status, core: code === DUMPED };
  return { kind: 'exited', status };
}

function relayedSessionOf(words: Int32Array, base: number): RelayedSession {
  const at = (word: number) => (words[base + word] as number) >>> 0;
  return {
    end: relayEnds[at(Word.reason)] as RelayEnd,
    errno: at(Word.errno),
    target: words[base + Word.target] as number,
    side: at(Word.side) === 0 ? 'client' : 'target',
    fromClient: at(Word.inLow) + at(Word.inHigh) * 2 ** 32,
    fromTarget: at(Word.outLow) + at(Word.outHigh) * 2 ** 32,
  };
}

function usageOf(words: Int32Array, base: number): ResourceUsage {
  const at = (word: number) => (words[base + word] as number) >>> 0;
  return {
    userMicroseconds: at(Word.userLow) + at(Word.userHigh) * 2 ** 32,
    systemMicroseconds: at(Word.systemLow) + at(Word.systemHigh) * 2 ** 32,
    maxRssKilobytes: at(Word.maxRss),
  };
}
