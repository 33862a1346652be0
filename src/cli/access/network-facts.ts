import { lookup, lookupService } from 'node:dns/promises';
import { confirmName, type Endpoint, IDENT_SECONDS, type NameLookUps } from '../../access/index.js';
import { identify } from '../../ident/identify.js';

/** The resolver of the machine, /etc/hosts included, as libwrap uses it. */
export const systemResolver: NameLookUps = {
  reverse: async (address) => [(await lookupService(address, 0)).hostname],
  forward: async (name) => ({ addresses: (await lookup(name, { all: true })).map((one) => one.address) }),
};

/** The confirmed name of one end of a connection; `warn` gets what is wrong with it. */
export async function nameOf(end: Endpoint, warn: (problem: string) => void): Promise<string> {
  const { name, problem } = await confirmName(end.address, systemResolver);
  if (problem !== '') warn(problem);
  return name;
}

/** Asks the client's host for the user (RFC 1413); `unknown` when in doubt. */
export async function userOf(client: Endpoint, server: Endpoint, timeoutSeconds: number | null): Promise<string | Uint8Array> {
  const found = await identify(client, server, (timeoutSeconds ?? IDENT_SECONDS) * 1000);
  return found.kind === 'identified' ? found.userFact : 'unknown';
}
