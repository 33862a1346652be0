import type { Decision } from '../../access/index.js';
import type { ExecutionPlan } from '../../config/plan.js';
import type { Admission } from '../../gate/verdict.js';
import type { Identification } from '../../ident/identify.js';
import { close } from '../../os/socket.js';
import { send } from '../../os/stream.js';
import { type PreparedProgram, prepareProgram } from '../../process/launch.js';
import { shellProgram } from '../lookups/commands.js';
import type { Answer } from '../services/answer.js';
import type { Service } from '../services/service.js';
import { InternalSession } from '../sessions/internal-session.js';
import { type ServerContext, ServerSession } from '../sessions/server-session.js';
import type { BannerFiles } from './banner-files.js';
import type { PendingClient } from './client.js';
import { reportAdmission, reportRefusal, reportUser, type VerdictContext } from './report-verdict.js';
import { type EffectContext, RuleEffects } from './rule-effects.js';

export interface AdmitContext extends VerdictContext, EffectContext, ServerContext {
  readonly banners: BannerFiles;
}

/** Gives an admitted client a session, and starts its server once the effects of the rules are applied. */
export class Admissions {
  constructor(private readonly context: AdmitContext) {}

  /** @returns false when the session could not begin: the caller has to close the connection. */
  admit(client: PendingClient, { ruling, shadowed }: Admission): boolean {
    const { service, facts, peer, socket, mux } = client;
    const waits = ruling !== null || (service.plan.banners !== null && service.plan.banners.success !== null);
    if (!waits && mux === null && service.answer?.answerAtOnce !== undefined) {
      service.answer.answerAtOnce(peer, socket, facts.now);
      return true;
    }
    const isOwn = service.answer !== null && (ruling === null || ruling.twist === null);
    const counting = shadowed === undefined ? 'counted' : 'uncounted';
    const session = isOwn
      ? new InternalSession(this.context, service, peer, facts.source, counting)
      : new ServerSession(this.context, service, peer, facts.source, undefined, counting);
    if (mux !== null) session.after = mux.over;
    service.limitSessions();
    this.reportUserLater(client, session);
    if (!waits) return this.serveNow(client, session);
    this.serveLater(client, session, ruling).catch(this.context.onError);
    return true;
  }

  private serveNow(client: PendingClient, session: ServerSession | InternalSession): boolean {
    try {
      serve(client, session, client.service.program);
      return true;
    } catch (error) {
      this.context.onError(error);
      if (session.launched || session.gone) return true;
      session.cancel();
      return false;
    }
  }

  /** Limits count the session while superd applies the effects of the rules. */
  private async serveLater(client: PendingClient, session: ServerSession | InternalSession, ruling: Decision | null): Promise<void> {
    try {
      await this.prepareAndServe(client, session, ruling);
    } catch (error) {
      if (!session.launched && !session.gone) {
        session.cancel();
        close(client.socket);
      }
      throw error;
    }
  }

  private async prepareAndServe(client: PendingClient, session: ServerSession | InternalSession, ruling: Decision | null): Promise<void> {
    const { service, socket, peer } = client;
    const { banners, program: planned } = service.plan;
    const twist = ruling === null ? null : ruling.twist;
    const program = ruling === null ? planned : await new RuleEffects(this.context, client, 'to-admit').apply(ruling.effects);
    if (program !== null && banners !== null && banners.success !== null && twist === null)
      await this.context.banners.send(banners.success, socket);
    if (program === null || service.state === 'stopped') {
      session.cancel();
      if (ruling !== null) reportRefusal(this.context, service, peer, { kind: 'refuse', reason: 'wrappers', ruling });
      close(socket);
      return;
    }
    if (ruling !== null) reportAdmission(this.context, client, ruling);
    serve(client, session, this.programFor(service, program, twist));
  }

  /** The program as the rules change it; null where superd itself answers. */
  private programFor({ plan, program }: Service, wanted: ExecutionPlan, twist: string | null): PreparedProgram | null {
    if (twist !== null) return prepareProgram(shellProgram(wanted, twist), this.context.inheritance);
    if (program === null || wanted === plan.program) return program;
    return prepareProgram({ ...program.plan, ...wanted }, this.context.inheritance);
  }

  /** The user is for the log alone: the session does not wait for it. */
  private reportUserLater({ service, peer, facts }: PendingClient, session: ServerSession | InternalSession): void {
    if (!service.plan.log.onSuccess.has('USERID')) return;
    const asking = this.context.lookUps.userForLog(facts.asked.request);
    const report = (found: Identification) =>
      session.afterStart(() => reportUser(this.context, service, peer, { session: session.id }, found));
    asking?.then(report).catch(this.context.onError);
  }
}

/** The session owns the socket afterwards. */
function serve({ service, socket, mux }: PendingClient, session: ServerSession | InternalSession, program: PreparedProgram | null): void {
  if (mux !== null && mux.greeting.length > 0) send(socket, mux.greeting);
  if (session instanceof ServerSession) session.launch(program as PreparedProgram, socket, 'give');
  else (service.answer as Answer).serve(session, socket);
}
