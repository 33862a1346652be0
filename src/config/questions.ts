import type { NssQuestion } from '../os/binding.js';
import { isName } from './attributes/redirect.js';
import type { Binds } from './attributes/socket.js';
import { hasType, isListed, isResident, protocolName, type ServiceDraft, targetProtocol } from './draft.js';
import type { NssFacts } from './nss-facts.js';

/** Protocol numbers that superd knows without protocols(5), which small systems lack. */
export const KNOWN_PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };

/** The questions to answer before a service can be resolved; `groupQuestions` follows their answers. */
export function* questions(draft: ServiceDraft): Generator<NssQuestion> {
  const { user, group, bind, only_from, no_access, redirect } = draft.settings;
  if (user !== undefined) yield ['user', user.value];
  if (typeof group?.value === 'string') yield ['group', group.value];
  if (isResident(draft)) return;
  const protocol = protocolName(draft);
  if (protocol !== null && protocol !== 'unix') {
    if (KNOWN_PROTOCOLS[protocol] === undefined) yield ['protocol', protocol];
    if (isListed(draft)) yield ['service', draft.block.name, protocol];
  }
  for (const target of redirect?.value ?? []) {
    if (target.kind !== 'host') continue;
    if (typeof target.port === 'string') yield ['service', target.port, targetProtocol(draft)];
    if (isName(target.host)) yield ['addresses', target.host];
  }
  if (hasType(draft, 'RPC') && !hasType(draft, 'UNLISTED')) yield ['rpc', draft.block.name];
  for (const name of hostsOf(bind?.value)) yield ['addresses', name];
  for (const list of [only_from, no_access]) {
    for (const entry of list?.value ?? []) {
      if (entry.kind !== 'name') continue;
      yield ['addresses', entry.text];
      if (!entry.text.includes('.')) yield ['network', entry.text];
    }
  }
}

/** The names in `bind`: of hosts, or of network devices. */
export function hostsOf(bind: Binds | undefined): string[] {
  if (bind === undefined) return [];
  return [bind, ...(bind.also ?? [])].flatMap((one) => (one.kind === 'host' ? [one.name] : []));
}

/** The question for supplementary groups, which needs the user's primary group first. */
export function* groupQuestions({ settings }: ServiceDraft, facts: NssFacts): Generator<NssQuestion> {
  if (settings.groups?.value !== true || settings.user === undefined) return;
  const user = facts.user(settings.user.value);
  if (user !== null) yield ['groups-of-user', user.name, user.gid];
}
