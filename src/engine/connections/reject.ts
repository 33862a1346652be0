import type { Effect } from '../../access/index.js';
import type { Refusal } from '../../gate/verdict.js';
import type { Identification } from '../../ident/identify.js';
import { drain } from './banner.js';
import type { BannerFiles } from './banner-files.js';
import { dismiss, type PendingClient } from './client.js';
import { refuse, tellUser, type VerdictContext } from './report-verdict.js';
import { type EffectContext, Effects } from './rule-effects.js';

/** Refused clients for whom something is still done, a banner above all; the next are just refused. */
const MOST_LEAVING = 512;

export interface RejectContext extends VerdictContext, EffectContext {
  readonly banners: BannerFiles;
}

/** What happens to a client whom the gate does not let in. */
export class Rejections {
  private leaving = 0;

  constructor(private readonly context: RejectContext) {}

  /** @returns false when nothing more is done for it and the caller shall close the connection. */
  refuse(caller: PendingClient, verdict: Refusal): boolean {
    const { plan } = caller.service;
    const banner = plan.banners === null ? null : plan.banners.fail;
    const effects = verdict.ruling === null ? [] : verdict.ruling.effects;
    const asks = plan.log.onFailure.has('USERID') && verdict.reason !== 'ident';
    refuse(this.context, caller.service, caller.peer, verdict);
    if ((effects.length === 0 && banner === null && !asks) || this.leaving >= MOST_LEAVING) return false;
    const user = asks ? this.context.lookUps.userOf(caller.facts.asked.request) : null;
    this.turnAway(caller, effects, banner, user).catch(this.context.onError);
    return true;
  }

  /** The connection stays until the client's host has told whose it is: of one that is gone it knows nothing. */
  private async turnAway(
    caller: PendingClient,
    effects: readonly Effect[],
    banner: string | null,
    user: Promise<Identification> | null,
  ): Promise<void> {
    const { socket, service, peer } = caller;
    this.leaving++;
    try {
      if (effects.length > 0) await new Effects(this.context, caller, 'to-refuse').carryOut(effects);
      if (banner !== null) await this.context.banners.send(banner, socket);
      if (user !== null) tellUser(this.context, service, peer, 'refused', await user);
      if (banner !== null || effects.some(({ kind }) => kind === 'banner')) drain(socket);
    } finally {
      this.leaving--;
      dismiss(caller);
    }
  }
}
