import { placeOf } from '../../../errors.js';
import { connectRpcbind } from '../../../rpc/connect-rpcbind.js';
import { errnoText } from '../../error-text.js';
import type { Finding } from '../finding.js';
import type { Patient } from '../patient.js';

const PATIENCE_MS = 2000;

/** An rpcbind that does not answer, where services need one. */
export async function rpcbind({ plan }: Patient): Promise<readonly Finding[]> {
  const service = plan?.services.find(({ rpc }) => rpc !== null);
  if (service === undefined) return [];
  // What waits for rpcbind keeps no program alive by itself.
  const stay = setInterval(() => {}, PATIENCE_MS);
  try {
    const { channel } = await connectRpcbind(PATIENCE_MS);
    channel.close();
    return [];
  } catch (error) {
    return [
      {
        severity: 'error',
        code: 'rpcbind-silent',
        place: placeOf(service.origin),
        problem: `${service.id} has to be registered with rpcbind, but ${errnoText(error)}`,
        remedy: 'start rpcbind, or start it anew; superd registers its services as soon as it answers',
      },
    ];
  } finally {
    clearInterval(stay);
  }
}
