import type { Resolver } from 'node:dns/promises';
import { WatchedFile } from './watched-file.js';

/** Timeout of each of two attempts. */
const PATIENCE_MS = 2000;

/** Asks the name servers of resolv.conf(5) over sockets of the event loop (c-ares), which needs no thread of the pool. */
export class NameServers {
  private resolver: Resolver | null = null;
  private readonly configuration = new WatchedFile('/etc/resolv.conf');

  async reverse(address: string): Promise<readonly string[]> {
    return (await this.open()).reverse(address);
  }

  /** Addresses of the family of `like`, which they are to confirm. */
  async forward(name: string, like: string): Promise<readonly string[]> {
    const resolver = await this.open();
    return like.includes(':') ? resolver.resolve6(name) : resolver.resolve4(name);
  }

  /** Loaded for the first rule that needs it, since few configurations have one; and again when resolv.conf changes. */
  private async open(): Promise<Resolver> {
    const { Resolver } = await import('node:dns/promises');
    if (this.configuration.refresh() || this.resolver === null) this.resolver = new Resolver({ timeout: PATIENCE_MS, tries: 2 });
    return this.resolver;
  }
}
