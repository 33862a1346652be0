import type { FactAnswer, Need, Request } from '../../access/index.js';
import type { ExecutionPlan } from '../../config/plan.js';
import type { MissingFact } from '../../gate/verdict.js';
import type { Identification } from '../../ident/identify.js';
import type { NssQuestion } from '../../os/binding.js';
import type { Commands, Owner } from './commands.js';
import { Databases } from './databases.js';
import { Identities } from './identities.js';
import { Names } from './names.js';
import { PatternFiles } from './pattern-files.js';
import { Users } from './users.js';
import { withVariables } from './variables.js';

/** In whose name a look-up is made. */
export interface Asker {
  readonly owner: Owner;
  readonly program: ExecutionPlan;
  /** `NAME=value`, what is known only of this connection. */
  readonly environment: readonly string[];
}

/** Everything that the gate may have to find out about a client before it can decide. */
export class LookUps {
  readonly names: Names;
  readonly identities = new Identities();
  private readonly files: PatternFiles;
  private readonly databases = new Databases();
  private readonly users = new Users();

  constructor(
    private readonly commands: Commands,
    tell: (problem: string) => void,
  ) {
    this.names = new Names(tell);
    this.files = new PatternFiles(tell);
  }

  /** An answer that costs no waiting; undefined when it has to be fetched. */
  cached(need: Need, { client, server }: Request): FactAnswer | undefined {
    switch (need.fact) {
      case 'client-name':
        return this.names.cached(client.address);
      case 'server-name':
        return this.names.cached(server.address);
      case 'file':
        return this.files.read(need.path);
      case 'account':
      case 'netgroup':
        return this.databases.cached(questionOf(need));
      case 'user':
      case 'command':
        return undefined;
    }
  }

  /** What has been found out about the caller's user, or is about to be; null when nobody has wanted to know. */
  pendingUser(request: Request): Promise<Identification> | null {
    return this.users.pending(request);
  }

  /** Who calls, as the client's host says, asked once for each connection; null when too many are being asked already. Never rejects. */
  userForLog(request: Request): Promise<Identification> | null {
    return this.users.forLog(request);
  }

  /** @returns undefined when it cannot be asked now: too many commands wait. Never rejects. */
  async fetch({ need, effects }: MissingFact, request: Request, asker: Asker): Promise<FactAnswer | undefined> {
    const { client, server } = request;
    switch (need.fact) {
      case 'client-name':
        return this.names.of(client.address);
      case 'server-name':
        return this.names.of(server.address);
      case 'file':
        return this.files.read(need.path);
      case 'account':
      case 'netgroup':
        return this.databases.knows(questionOf(need));
      case 'user': {
        const found = await this.users.of(request, need.timeoutSeconds);
        return found.kind === 'identified' ? found.user : 'unknown';
      }
      case 'command': {
        const program = withVariables(asker.program, effects);
        return (await this.commands.run(asker.owner, 'to-admit', program, need.command, asker.environment)) ?? undefined;
      }
    }
  }
}

function questionOf(need: Need & { readonly fact: 'account' | 'netgroup' }): NssQuestion {
  return need.fact === 'netgroup' ? ['netgroup', need.group, need.host] : [need.database, need.name];
}
