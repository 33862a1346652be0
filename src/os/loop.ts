import { InternalError } from '../errors.js';
import type { ExitStatus, ResourceUsage } from '../report/event.js';
import { RECORD_COUNT, RECORD_WORDS, RecordKind, type RelayEnd, relayEnds, type SpawnStep, spawnSteps, TAKEN, Word } from './binding.js';
import { native, systemError } from './native.js';
import { PeerView } from './peer-view.js';

/** An accepted connection. One object serves for all of them: what is wanted of it has to be read during the call. */
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
  /** Of the last attempt, or of the side that broke; else 0. */
  readonly errno: number;
  /** Number in its route of the target that took it; −1 when none has. */
  readonly target: number;
  readonly side: 'client' | 'target';
  readonly fromClient: number;
  readonly fromTarget: number;
}

/** What the machine has to tell. Called in order; one that throws spoils only what it was called for. */
export interface LoopHandlers {
  /** @returns true to keep the descriptor; otherwise it is closed, unless `spawn` or `close` had it in the meantime. */
  accepted(token: number, record: AcceptedRecord): boolean;
  /** The machine has run out of something (EMFILE, ENFILE, ENOBUFS, ENOMEM). It is told again and again until the listener is unwatched. */
  acceptFailed(token: number, errno: number): void;
  readable(token: number): void;
  /** @param microseconds From `spawn` until the program was running. */
  spawned(token: number, pid: number, microseconds: number): void;
  spawnFailed(token: number, step: SpawnStep, errno: number): void;
  /** Always after `spawned`. The maximum RSS of a process smaller than superd is superd's own (getrusage(2), maxrss across execve). */
  exited(token: number, exit: ExitStatus, usage: ResourceUsage): void;
  relayEnded(token: number, relayed: RelayedSession): void;
  /** A target did not take a session, which goes on to the next if there is one. */
  relayFailed(token: number, target: number, errno: number): void;
  /** What another handler threw. Must not throw itself. */
  onError(error: unknown): void;
}

/** The native side: what is watched, and how long. */
export interface Loop {
  /** Accepts from a listener, which becomes non-blocking. */
  watchAccept(fd: number, token: number): void;
  /** Reports once that a descriptor is readable, without reading it; call again to hear again. */
  watchReadable(fd: number, token: number): void;
  /** Reports once, as readable, that there is room to write; a descriptor is watched for one of the two at a time. */
  watchWritable(fd: number, token: number): void;
  /** To be called before the descriptor is closed by anybody but `close` of os/socket. Connections accepted in the same batch are still told of. */
  unwatch(fd: number): void;
  /** Keeps the process alive; so it is in the beginning. */
  ref(): void;
  unref(): void;
  /** Stops hearing and starting; watched descriptors stay open and processes run on. */
  close(): void;
}

/**
 * Starts the native side; at most one at a time.
 *
 * @param spawnThreads Starts that may be under way at once.
 */
export function openLoop(handlers: LoopHandlers, spawnThreads: number): Loop {
  const binding = native();
  const words = new Int32Array(RECORD_COUNT * RECORD_WORDS);
  const tell = createDispatcher(words, handlers);
  try {
    binding.loopOpen(words, spawnThreads, (count) => {
      for (let i = 0; i < count; i++) {
        try {
          tell(i * RECORD_WORDS);
        } catch (error) {
          handlers.onError(error);
        }
      }
    });
  } catch (error) {
    throw systemError(error, '');
  }
  const watch = (call: () => void, fd: number) => {
    try {
      call();
    } catch (error) {
      throw systemError(error, `of descriptor ${fd}`);
    }
  };
  return {
    watchAccept: (fd, token) => watch(() => binding.watchAccept(fd, token), fd),
    watchReadable: (fd, token) => watch(() => binding.watchReadable(fd, token), fd),
    watchWritable: (fd, token) => watch(() => binding.watchWritable(fd, token), fd),
    unwatch: (fd) => binding.unwatch(fd),
    ref: () => binding.loopRef(true),
    unref: () => binding.loopRef(false),
    close: () => binding.loopClose(),
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

/** Returns what tells the handlers of the record that starts at `base`. */
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
        if (at(base, Word.code) === 0) handlers.onError(new InternalError('a process that superd started was reaped by somebody else'));
        handlers.exited(token, exitOf(at(base, Word.code), at(base, Word.status)), usageOf(words, base));
        break;
      case RecordKind.relayEnded:
        handlers.relayEnded(token, relayedOf(words, base));
        break;
      case RecordKind.relayFailed:
        handlers.relayFailed(token, at(base, Word.target), at(base, Word.errno));
        break;
      default: // Unwatched while this batch was being told.
    }
  };
}

/** CLD_* of waitid(2). */
const KILLED = 2;
const DUMPED = 3;

/** Of one that somebody else has reaped all words are 0; it has ended all the same, and its place is free. */
function exitOf(code: number, status: number): ExitStatus {
  if (code === KILLED || code === DUMPED) return { kind: 'signaled', signal: status, core: code === DUMPED };
  return { kind: 'exited', status };
}

function relayedOf(words: Int32Array, base: number): RelayedSession {
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
