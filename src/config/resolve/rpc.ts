import { hasFlag, hasType, isUnix, protocolName, reportMissing, type ServiceDraft } from '../draft.js';
import type { NssFacts } from '../nss-facts.js';
import type { RpcPlan } from '../plan.js';
import { clientsAreHidden } from './hidden-clients.js';

/** The registration of a service with rpcbind; null for none, or after reporting what is wrong. */
export function resolveRpc(draft: ServiceDraft, facts: NssFacts): RpcPlan | null {
  if (!hasType(draft, 'RPC')) {
    reportWithoutType(draft);
    return null;
  }
  reportOtherType(draft);
  reportPort(draft);
  reportRules(draft);
  const program = resolveProgramNumber(draft, facts);
  const { rpc_version } = draft.settings;
  if (rpc_version === undefined)
    reportMissing(draft, 'rpc_version', ', the versions that its server implements, as in "rpc_version = 2-4"');
  return program === null || rpc_version === undefined ? null : { program, versions: rpc_version.value };
}

function reportWithoutType({ settings, findings }: ServiceDraft): void {
  for (const name of ['rpc_version', 'rpc_number'] as const) {
    const setting = settings[name];
    if (setting !== undefined)
      findings
        .at(setting.origin)
        .warning('contradiction', `${name} is for RPC services and has no effect here; write "type = RPC", or delete it`);
  }
}

/** rpcbind maps only to ports of tcp and udp. */
function reportOtherType(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  const report = findings.at(settings.type?.origin ?? block.origin);
  const other = (['INTERNAL', 'TCPMUX', 'TCPMUXPLUS'] as const).find((type) => hasType(draft, type));
  if (other !== undefined) report.error('contradiction', `type: RPC and ${other} exclude each other; write one of them`);
  const protocol = protocolName(draft);
  if (isUnix(draft) || (protocol !== null && protocol !== 'tcp' && protocol !== 'udp'))
    report.error('contradiction', `type: an RPC service needs tcp or udp, found ${protocol ?? 'unix'}`);
}

function reportPort({ settings: { port }, findings }: ServiceDraft): void {
  if (port !== undefined && port.value !== 0)
    findings
      .at(port.origin)
      .note('read-rpc-port', `port: the RPC service always has port ${port.value}; xinetd ignores the line and lets the kernel choose`);
}

function reportRules(draft: ServiceDraft): void {
  const { settings, findings, block } = draft;
  if (clientsAreHidden(draft) && !hasFlag(draft, 'NOLIBWRAP') && settings.libwrap === undefined)
    findings
      .at(settings.wait?.origin ?? block.origin)
      .note(
        'contradiction',
        'wait: the server of this RPC service accepts its clients itself, so hosts.allow and hosts.deny do not apply to them, as with xinetd',
      );
}

function resolveProgramNumber(draft: ServiceDraft, facts: NssFacts): number | null {
  const { settings, findings, block } = draft;
  const { rpc_number } = settings;
  if (hasType(draft, 'UNLISTED')) {
    if (rpc_number === undefined) reportMissing(draft, 'rpc_number', ': for an UNLISTED service superd does not look in rpc(5)');
    return rpc_number?.value ?? null;
  }
  const known = facts.rpc(block.name);
  if (known === null) {
    const number = rpc_number === undefined ? 'NUMBER' : String(rpc_number.value);
    findings
      .at(rpc_number?.origin ?? block.origin)
      .error('unknown-program', `the program ${block.name} is not in rpc(5); write "type = RPC UNLISTED" and "rpc_number = ${number}"`);
    return null;
  }
  if (rpc_number !== undefined && rpc_number.value !== known.number)
    findings
      .at(rpc_number.origin)
      .warning(
        'contradiction',
        `rpc_number: superd uses ${known.number}, the number of ${block.name} in rpc(5); to use ${rpc_number.value} write "type = RPC UNLISTED"`,
      );
  return known.number;
}
