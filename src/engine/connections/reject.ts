import type { Effect } from '../../access/index.js';
import type { Refusal } from '../../gate/verdict.js';
import type { Identification } from '../../ident/identify.js';
import { discardInput } from './banner.js';
import type { BannerFiles } from './banner-files.js';
import { closeRefused, type PendingClient } from './client.js';
import { reportRefusal, reportUser, type VerdictContext } from './report-verdict.js';
import { type EffectContext, RuleEffects } from './rule-effects.js';

/** Refused clients that still get a banner or an ident query, or whose rules have effects. superd just closes the next. */
const MAX_PENDING = 512;

export interface RejectContext extends VerdictContext, EffectContext {
  readonly banners: BannerFiles;
}

/** Refuses clients, with all that rules and banners ask for. */
export class Rejections {
  private pending = 0;

  constructor(private readonly context: RejectContext) {}

  /** @returns false when nothing is left to do: the caller has to close the connection. */
  refuse(client: PendingClient, verdict: Refusal): boolean {
    const { plan } = client.service;
    const banner = plan.banners === null ? null : plan.banners.fail;
    const effects = verdict.ruling === null ? [] : verdict.ruling.effects;
    const asks = plan.log.onFailure.has('USERID') && verdict.reason !== 'ident';
    reportRefusal(this.context, client.service, client.peer, verdict);
    if ((effects.length === 0 && banner === null && !asks) || this.pending >= MAX_PENDING) return false;
    const user = asks ? this.context.lookUps.userForLog(client.facts.asked.request) : null;
    this.finish(client, effects, banner, user).catch(this.context.onError);
    return true;
  }

  /** Closes the connection last: the client's host can name the user of an open connection only. */
  private async finish(
    client: PendingClient,
    effects: readonly Effect[],
    banner: string | null,
    user: Promise<Identification> | null,
  ): Promise<void> {
    const { socket, service, peer } = client;
    this.pending++;
    try {
      if (effects.length > 0) await new RuleEffects(this.context, client, 'to-refuse').apply(effects);
      if (banner !== null) await this.context.banners.send(banner, socket);
      if (user !== null) reportUser(this.context, service, peer, 'refused', await user);
      if (banner !== null || effects.some(({ kind }) => kind === 'banner')) discardInput(socket);
    } finally {
      this.pending--;
      closeRefused(client);
    }
  }
}
