import { placeOf } from '../../../errors.js';
import { connectRpcbind } from '../../../rpc/connect-rpcbind.js';
import { errnoText } from '../../error-text.js';
import type { CheckContext } from '../context.js';
import type { Finding } from '../finding.js';

const TIMEOUT_MS = 2000;

/** An rpcbind that does not answer although services need it. */
export async function rpcbind({ plan }: CheckContext): Promise<readonly Finding[]> {
  const service = plan?.services.find(({ rpc }) => rpc !== null);
  if (service === undefined) return [];
  // connectRpcbind's own timers are unreferenced: without this one Node would exit.
  const keepAlive = setInterval(() => {}, TIMEOUT_MS);
  try {
    const { channel } = await connectRpcbind(TIMEOUT_MS);
    channel.close();
    return [];
  } catch (error) {
    return [
      {
        severity: 'error',
        code: 'rpcbind-silent',
        place: placeOf(service.origin),
        problem: `${service.id} must be registered with rpcbind, but ${errnoText(error)}`,
        remedy: 'start or restart rpcbind; superd registers its services as soon as it answers',
      },
    ];
  } finally {
    clearInterval(keepAlive);
  }
}
