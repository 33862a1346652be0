import { formatAddress, parseAddress } from '../../address/address.js';
import { WatchedFile } from './watched-file.js';

/** hosts(5), read again when it has changed. */
export class HostsFile {
  private readonly file: WatchedFile;
  private namesByAddress = new Map<string, string[]>();
  private addressesByName = new Map<string, string[]>();

  constructor(path = '/etc/hosts') {
    this.file = new WatchedFile(path);
  }

  /** The names of a numeric address, the canonical one first. */
  namesOf(address: string): readonly string[] {
    this.refresh();
    return this.namesByAddress.get(address) ?? [];
  }

  addressesOf(name: string): readonly string[] {
    this.refresh();
    return this.addressesByName.get(name.toLowerCase()) ?? [];
  }

  private refresh(): void {
    if (!this.file.refresh()) return;
    this.namesByAddress = new Map();
    this.addressesByName = new Map();
    const { content } = this.file;
    if (content.kind !== 'text') return;
    for (const line of content.bytes.toString('latin1').split('\n')) {
      const [number = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      const [numeric = '', scope] = number.split('%');
      const parsed = parseAddress(numeric);
      if (parsed === null) continue;
      const address = scope === undefined ? formatAddress(parsed) : `${formatAddress(parsed)}%${scope}`;
      this.namesByAddress.set(address, [...(this.namesByAddress.get(address) ?? []), ...names]);
      for (const name of names) {
        const key = name.toLowerCase();
        this.addressesByName.set(key, [...(this.addressesByName.get(key) ?? []), address]);
      }
    }
  }
}
