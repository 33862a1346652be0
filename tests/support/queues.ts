import { readFileSync } from 'node:fs';
import { waitFor } from './wait-for.js';

/** The receive queue of an unconnected socket as /proc/net shows it: bytes with the kernel's overhead, or the clients waiting at a listener. */
function queueAt(table: string, port: number): number {
  const rows = readFileSync(`/proc/self/net/${table}`, 'latin1').trim().split('\n').slice(1);
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const ours = fields.filter(
    ([, local, , state]) => Number.parseInt(local!.split(':')[1]!, 16) === port && (state === '07' || state === '0A'),
  );
  return ours.reduce((sum, row) => sum + Number.parseInt(row[4]!.split(':')[1]!, 16), 0);
}

/** Waits until so many small datagrams are queued: the kernel may deliver a datagram after sendto(2) has returned. */
export async function waitForQueue(port: number, datagrams: number): Promise<void> {
  // A small datagram counts 768 bytes with the kernel's overhead.
  await waitFor(`${datagrams} datagrams in the queue`, () => queueAt('udp', port) + queueAt('udp6', port) >= datagrams * 512);
}

/** Waits until every datagram has been received. */
export async function waitForEmptyQueue(port: number): Promise<void> {
  await waitFor('the queue to be empty', () => queueAt('udp', port) + queueAt('udp6', port) === 0);
}

/** Waits until so many clients wait to be accepted. */
export async function waitForClients(port: number, clients: number): Promise<void> {
  await waitFor(`${clients} clients in the queue`, () => queueAt('tcp', port) >= clients);
}

/** How many clients of a TCP port wait to be accepted. */
export function acceptQueue(port: number): number {
  return queueAt('tcp', port);
}
