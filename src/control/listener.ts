import { writeSync } from 'node:fs';
import { runLater } from '../guarded.js';
import { close } from '../os/socket.js';
import { type ClientIdentity, identifyClient } from './client-identity.js';
import type { ControlContext } from './control-context.js';
import type { ControlServer } from './server.js';
import { openSocketFile, type SocketFile } from './socket-file.js';

/** Simultaneous connections, and those of one user, so that no user can lock out the others. Only root and superd's own user may use all. */
const MAX_CONNECTIONS = 64;
const MAX_PER_USER = 16;

/** How long a rejected connection stays open for its client to read the reply, and how many superd keeps open. */
const REJECT_MS = 500;
const MAX_REJECTED = 64;

const SERVER_FAILED = 'superd could not load its control server; see its log, and try again';

const NOT_ALLOWED = 'access denied: control_admin or control_read in the defaults of the configuration must name your user or group';

/** Accepts connections to the control socket. The first one loads the HTTP server: most runs of superd never need it. */
export class ControlListener {
  private readonly file: SocketFile;
  private readonly removeEventListener: () => void;
  private readonly stopListening: () => void;
  private readonly ownUid = process.geteuid?.() ?? 0;
  private readonly connectionsByUid = new Map<number, number>();
  private server: Promise<ControlServer> | null = null;
  private connections = 0;
  private rejected = 0;

  /** @throws ConfigError `control-socket`, SystemError. */
  constructor(
    path: string,
    private readonly daemon: ControlContext,
  ) {
    this.file = openSocketFile(path);
    this.removeEventListener = daemon.onEvent((event) => daemon.recent.add(event));
    this.stopListening = daemon.engine.acceptConnections(this.file.fd, (fd) => this.accept(fd));
  }

  /** Adapts the mode of the socket file after `control_admin` or `control_read` changed. */
  refresh(): void {
    const { admin, read } = this.daemon.allowedClients();
    const others = [admin, read].some(({ uids, gids }) => uids.length + gids.length > 0);
    this.file.allowOthers(others ? 'yes' : 'no');
  }

  close(): void {
    this.stopListening();
    this.removeEventListener();
    this.file.remove();
    // `passToServer` has reported a server that failed to start.
    this.server?.then((server) => server.close()).catch(() => {});
  }

  private accept(fd: number): boolean {
    const { uid, client } = identifyClient(fd, this.ownUid, this.daemon.allowedClients());
    if (client === null) return this.reject(fd, 403, 'forbidden', NOT_ALLOWED);
    const ofUser = this.connectionsByUid.get(uid) ?? 0;
    const isOwn = uid === 0 || uid === this.ownUid;
    if (this.connections >= MAX_CONNECTIONS || (!isOwn && (ofUser >= MAX_PER_USER || this.connections >= MAX_CONNECTIONS - MAX_PER_USER)))
      return this.reject(fd, 503, 'busy', 'too many connections to the control socket; try again');
    this.connections++;
    this.connectionsByUid.set(uid, ofUser + 1);
    this.passToServer(fd, uid, client).catch((error: unknown) => this.daemon.onError(error));
    return true;
  }

  private async passToServer(fd: number, uid: number, client: ClientIdentity): Promise<void> {
    try {
      this.server ??= startServer(this.daemon);
      const server = await this.server;
      server.serveConnection(fd, client, () => this.connectionClosed(uid));
    } catch (error) {
      this.server = null;
      this.connectionClosed(uid);
      if (!this.reject(fd, 503, 'internal', SERVER_FAILED)) close(fd);
      throw error;
    }
  }

  /** Closes the connection late: a client that is still sending would get ECONNRESET instead of the reply. */
  private reject(fd: number, status: 403 | 503, code: string, message: string): boolean {
    writeReply(fd, status, code, message);
    if (this.rejected >= MAX_REJECTED) return false;
    this.rejected++;
    runLater(() => {
      this.rejected--;
      close(fd);
    }, REJECT_MS).unref();
    return true;
  }

  private connectionClosed(uid: number): void {
    this.connections--;
    const ofUser = (this.connectionsByUid.get(uid) ?? 1) - 1;
    if (ofUser === 0) this.connectionsByUid.delete(uid);
    else this.connectionsByUid.set(uid, ofUser);
  }
}

async function startServer(daemon: ControlContext): Promise<ControlServer> {
  const { ControlServer } = await import('./server.js');
  return ControlServer.start(daemon);
}

const REASONS = { 403: 'Forbidden', 503: 'Service Unavailable' } as const;

/** Writes an HTTP reply without the server. Its few bytes always fit into the buffer of a new socket. */
function writeReply(fd: number, status: keyof typeof REASONS, code: string, message: string): void {
  const body = `${JSON.stringify({ error: { code, message, exitCode: 100 } })}\n`;
  const head = `HTTP/1.1 ${status} ${REASONS[status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  try {
    writeSync(fd, head + body);
  } catch {
    // The client has closed the connection.
  }
}
