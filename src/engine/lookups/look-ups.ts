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

/** The service that a look-up is for. */
export interface Asker {
  readonly owner: Owner;
  readonly program: ExecutionPlan;
  /** `NAME=value`: the variables of this connection. */
  readonly environment: readonly string[];
}

/** Everything that the gate may have to look up about a client before it can decide. */
export class LookUps {
  readonly names: Names;
  readonly identities = new Identities();
  private readonly files: PatternFiles;
  private readonly databases = new Databases();
  private readonly users = new Users();

  constructor(
    private readonly commands: Commands,
    warn: (problem: string) => void,
  ) {
    this.names = new Names(warn);
    this.files = new PatternFiles(warn);
  }

  /** An answer that is known already, or costs no waiting; undefined when `fetch` has to find it. */
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

  /** The user of the client if a rule has asked for it; null otherwise. Never rejects. */
  pendingUser(request: Request): Promise<Identification> | null {
    return this.users.pending(request);
  }

  /** The user of the client as its host names it, for the log; null when too many hosts are being asked. Never rejects. */
  userForLog(request: Request): Promise<Identification> | null {
    return this.users.forLog(request);
  }

  /** @returns undefined when superd cannot ask now: too many commands wait. Never rejects. */
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
        return found.kind === 'identified' ? found.userFact : 'unknown';
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
