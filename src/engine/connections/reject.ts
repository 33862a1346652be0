import type { Effect } from '../../access/index.js';
import type { Refusal } from '../../gate/verdict.js';
import type { Identification } from '../../ident/identify.js';
import { discardInput } from './banner.js';
import type { BannerFiles } from './banner-files.js';
import { closeRefused, type PendingClient } from './client.js';
import { reportRefusal, reportUser, type VerdictContext } from './report-verdict.js';
import { type EffectContext, RuleEffects } from './rule-effects.js';

/** Refused clients for whom something is still done, a banner above all; the next are just refused. */
const MAX_PENDING = 512;

export interface RejectContext extends VerdictContext, EffectContext {
  readonly banners: BannerFiles;
}

/** What happens to a client whom the gate does not let in. */
export class Rejections {
  private pending = 0;

  constructor(private readonly context: RejectContext) {}

  /** @returns false when nothing more is done for it and the caller shall close the connection. */
  refuse(caller: PendingClient, verdict: Refusal): boolean {
    const { plan } = caller.service;
    const banner = plan.banners === null ? null : plan.banners.fail;
    const effects = verdict.ruling === null ? [] : verdict.ruling.effects;
    const asks = plan.log.onFailure.has('USERID') && verdict.reason !== 'ident';
    reportRefusal(this.context, caller.service, caller.peer, verdict);
    if ((effects.length === 0 && banner === null && !asks) || this.pending >= MAX_PENDING) return false;
    const user = asks ? this.context.lookUps.userForLog(caller.facts.asked.request) : null;
    this.finish(caller, effects, banner, user).catch(this.context.onError);
    return true;
  }

  /** The connection stays until the client's host has told whose it is: of one that is gone it knows nothing. */
  private async finish(
    caller: PendingClient,
    effects: readonly Effect[],
    banner: string | null,
    user: Promise<Identification> | null,
  ): Promise<void> {
    const { socket, service, peer } = caller;
    this.pending++;
    try {
      if (effects.length > 0) await new RuleEffects(this.context, caller, 'to-refuse').apply(effects);
      if (banner !== null) await this.context.banners.send(banner, socket);
      if (user !== null) reportUser(this.context, service, peer, 'refused', await user);
      if (banner !== null || effects.some(({ kind }) => kind === 'banner')) discardInput(socket);
    } finally {
      this.pending--;
      closeRefused(caller);
    }
  }
}
