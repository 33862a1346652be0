import { writeSync } from 'node:fs';
import { close } from '../os/socket.js';
import { type ControlClientIdentity, callerOf } from './client-identity.js';
import type { ControlContext } from './control-context.js';
import type { ControlServer } from './server.js';
import { openSocketFile, type SocketFile } from './socket-file.js';

/** Connections at once, and of them for one user who is not superd's own: nobody can keep the others out. */
const MOST = 64;
const MOST_OF_ONE = 16;

/** Time to read the answer, for as many of those who are turned away at once. */
const LEAVE_MS = 500;
const MOST_LEAVING = 64;

const FAILED = 'superd could not begin to answer: its log says why; try again';

const NOT_ALLOWED = 'control_admin or control_read in the defaults of the configuration would have to name you';

/** The control socket: what of it is there as long as nobody asks. Everything else is loaded by the first who does. */
export class ControlListener {
  private readonly file: SocketFile;
  private readonly forget: () => void;
  private readonly deafen: () => void;
  private readonly own = process.geteuid?.() ?? 0;
  private readonly open = new Map<number, number>();
  private server: Promise<ControlServer> | null = null;
  private connections = 0;
  private leaving = 0;

  /** @throws ConfigError `control-socket`, SystemError. */
  constructor(
    path: string,
    private readonly daemon: ControlContext,
  ) {
    this.file = openSocketFile(path);
    this.forget = daemon.onEvent((event) => daemon.recent.add(event));
    this.deafen = daemon.engine.acceptConnections(this.file.fd, (fd) => this.called(fd));
  }

  /** After each change of who may ask. */
  refresh(): void {
    const { admin, read } = this.daemon.allowedClients();
    const others = [admin, read].some(({ uids, gids }) => uids.length + gids.length > 0);
    this.file.letOthersKnock(others ? 'yes' : 'no');
  }

  close(): void {
    this.deafen();
    this.forget();
    this.file.remove();
    // Who was to be served by one that could not be started has been told.
    this.server?.then((server) => server.close()).catch(() => {});
  }

  private called(fd: number): boolean {
    const { uid, caller } = callerOf(fd, this.own, this.daemon.allowedClients());
    if (caller === null) return this.turnAway(fd, 403, 'forbidden', NOT_ALLOWED);
    const mine = this.open.get(uid) ?? 0;
    const isOwn = uid === 0 || uid === this.own;
    if (this.connections >= MOST || (!isOwn && (mine >= MOST_OF_ONE || this.connections >= MOST - MOST_OF_ONE)))
      return this.turnAway(fd, 503, 'busy', 'too many connections to the control socket; try again');
    this.connections++;
    this.open.set(uid, mine + 1);
    this.handOn(fd, uid, caller).catch((error: unknown) => this.daemon.onError(error));
    return true;
  }

  private async handOn(fd: number, uid: number, caller: ControlClientIdentity): Promise<void> {
    try {
      this.server ??= startServer(this.daemon);
      const server = await this.server;
      server.take(fd, caller, () => this.left(uid));
    } catch (error) {
      this.server = null;
      this.left(uid);
      if (!this.turnAway(fd, 503, 'internal', FAILED)) close(fd);
      throw error;
    }
  }

  /** Who is still sending would otherwise meet a closed socket, and never read why. */
  private turnAway(fd: number, status: 403 | 503, code: string, message: string): boolean {
    say(fd, status, code, message);
    if (this.leaving >= MOST_LEAVING) return false;
    this.leaving++;
    setTimeout(() => {
      this.leaving--;
      close(fd);
    }, LEAVE_MS).unref();
    return true;
  }

  private left(uid: number): void {
    this.connections--;
    const mine = (this.open.get(uid) ?? 1) - 1;
    if (mine === 0) this.open.delete(uid);
    else this.open.set(uid, mine);
  }
}

async function startServer(daemon: ControlContext): Promise<ControlServer> {
  const { ControlServer } = await import('./server.js');
  return ControlServer.start(daemon);
}

/** Where the socket is by default; null for none, where there is no directory of one's own for it. */
export function defaultControlSocket(environment: Readonly<Record<string, string | undefined>>): string | null {
  if (process.geteuid?.() === 0) return '/run/superd/control.sock';
  const directory = environment['XDG_RUNTIME_DIR'];
  return directory === undefined || !directory.startsWith('/') ? null : `${directory}/superd/control.sock`;
}

const WORDS = { 403: 'Forbidden', 503: 'Service Unavailable' } as const;

/** One answer for whoever it is, without a server: its few bytes always find room in a new socket. */
function say(fd: number, status: keyof typeof WORDS, code: string, message: string): void {
  const body = `${JSON.stringify({ error: { code, message, exitCode: 100 } })}\n`;
  const head = `HTTP/1.1 ${status} ${WORDS[status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  try {
    writeSync(fd, head + body);
  } catch {
    // Gone already.
  }
}
