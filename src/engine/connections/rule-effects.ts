import { type Effect, renderBanner } from '../../access/index.js';
import type { ExecutionPlan } from '../../config/plan.js';
import { setLinger, setSocketOption } from '../../os/socket.js';
import type { Inheritance } from '../../process/launch.js';
import type { LiveTables } from '../lookups/access-tables.js';
import type { Commands, Purpose } from '../lookups/commands.js';
import type { LookUps } from '../lookups/look-ups.js';
import { withVariables } from '../lookups/variables.js';
import { connectionEnvironment } from '../sessions/connection-environment.js';
import { sendBytes } from './banner.js';
import type { BannerFiles } from './banner-files.js';
import type { Client } from './client.js';

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;

export interface EffectContext {
  readonly inheritance: Inheritance;
  readonly banners: BannerFiles;
  readonly commands: Commands;
  readonly lookUps: LookUps;
  readonly tables: LiveTables;
}

/**
 * Applies the options of access rules (hosts_options(5)) to one client, in their order. The server of an admitted client starts when all are
 * applied; the refusal of a client does not wait for commands.
 */
export class RuleEffects {
  private program: ExecutionPlan;

  constructor(
    private readonly context: EffectContext,
    private readonly client: Client,
    private readonly purpose: Purpose,
  ) {
    this.program = client.service.plan.program;
  }

  /** @returns The server's program as the rules change it; null when the client has to be refused, since an option cannot be applied. Never rejects. */
  async apply(effects: readonly Effect[]): Promise<ExecutionPlan | null> {
    for (const effect of effects) {
      try {
        if (!(await this.applyOne(effect))) return null;
      } catch (error) {
        this.warn(`${effect.kind}: ${(error as Error).message}`);
      }
    }
    return this.program;
  }

  private async applyOne(effect: Effect): Promise<boolean> {
    switch (effect.kind) {
      case 'setenv':
        this.program = withVariables(this.program, [effect]);
        return true;
      case 'umask':
        this.program = { ...this.program, umask: effect.mask };
        return true;
      case 'nice':
        this.addNice(effect.increment);
        return true;
      case 'credentials':
        return this.setCredentials(effect);
      case 'spawn':
        return this.spawn(effect.command);
      case 'banner':
      case 'keepalive':
      case 'linger':
        if (this.client.socket === null) this.warn(`${effect.kind}: the service has no connection of its own for a client (wait = yes)`);
        else await this.applyToSocket(effect, this.client.socket);
        return true;
      case 'severity':
        return true;
    }
  }

  private async applyToSocket(effect: Effect & { readonly kind: 'banner' | 'keepalive' | 'linger' }, socket: number): Promise<void> {
    if (effect.kind === 'keepalive') setSocketOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    else if (effect.kind === 'linger') setLinger(socket, effect.seconds);
    else await this.sendBanner(effect.path, socket);
  }

  /** Without root, superd can only lower the priority. */
  private addNice(increment: number): void {
    if (increment < 0 && this.context.inheritance.uid !== 0) this.warn(`nice ${increment}: superd does not run as root`);
    else this.program = { ...this.program, nice: this.program.nice + increment };
  }

  /** A server that should have other rights, and cannot get them, does not start. */
  private async setCredentials(to: Effect & { readonly kind: 'credentials' }): Promise<boolean> {
    const identity = await this.context.lookUps.identities.of(to.user, to.group);
    if (typeof identity === 'string') {
      this.warn(`user ${to.user ?? ''} group ${to.group ?? ''}: ${identity}; the server does not start`);
      return false;
    }
    const { credentials } = this.program;
    const { gid } = identity;
    const uid = identity.uid ?? credentials.uid;
    const own = this.context.inheritance.uid;
    if (own !== 0 && (uid !== own || gid !== process.getgid?.())) {
      this.warn(`user ${to.user ?? ''} group ${to.group ?? ''}: superd does not run as root; the server does not start`);
      return false;
    }
    this.program = { ...this.program, credentials: { uid, gid, groups: identity.groups ?? credentials.groups } };
    return true;
  }

  private async spawn(command: string): Promise<boolean> {
    const { service, peer } = this.client;
    if (service.state === 'stopped') return false;
    const running = this.context.commands.run(service, this.purpose, this.program, command, connectionEnvironment(peer));
    if (this.purpose === 'to-refuse') return true;
    if ((await running) !== null) return true;
    this.warn('spawn: too many commands run already');
    return false;
  }

  private async sendBanner(path: string, socket: number): Promise<void> {
    const content = await this.context.banners.read(path);
    if (content === null) return;
    const { asked } = this.client.facts;
    const { service, peer } = this.client;
    const asker = { owner: service, program: this.program, environment: connectionEnvironment(peer) };
    for (;;) {
      const text = renderBanner(content, this.context.tables.current(), asked);
      if (text instanceof Uint8Array) return sendBytes(socket, text);
      asked.learn(text, (await this.context.lookUps.fetch({ need: text, effects: [] }, asked.request, asker)) ?? 'unknown');
    }
  }

  /** One report for each version of the tables: a flood of clients must not be a flood of messages. */
  private warn(problem: string): void {
    this.context.tables.reportOnce('warning', `${this.client.service.plan.id}: ${problem}`);
  }
}
