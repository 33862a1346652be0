import type { DatagramRedirects } from './datagram-redirect.js';
import { Datagrams } from './datagrams.js';
import type { Doorkeeper } from './doorkeeper.js';
import { Handover } from './handover.js';
import type { Runtime } from './runtime.js';
import type { Service } from './service.js';

/** Takes a service whose socket has something to read, and is not accepted from, to what deals with it. */
export class SocketReaders {
  private readonly handover: Handover;
  private readonly datagrams: Datagrams;
  /** Loaded with the first datagram that is to be passed on. */
  private redirects: DatagramRedirects | null = null;

  constructor(
    private readonly runtime: Runtime,
    private readonly doorkeeper: Doorkeeper,
  ) {
    this.handover = new Handover(runtime, doorkeeper);
    this.datagrams = new Datagrams(runtime, doorkeeper);
  }

  readable(service: Service): void {
    if (service.plan.activation === 'internal') this.datagrams.readable(service);
    else if (service.plan.activation !== 'redirect') this.handover.readable(service);
    else if (this.redirects !== null) this.redirects.readable(service);
    else this.loadRedirects(service).catch(this.runtime.onError);
  }

  private async loadRedirects(service: Service): Promise<void> {
    const { DatagramRedirects } = await import('./datagram-redirect.js');
    this.redirects ??= new DatagramRedirects(this.runtime, this.doorkeeper);
    this.redirects.readable(service);
  }
}
