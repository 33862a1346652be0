import { type Origin, placeOf } from '../errors.js';
import type { NssQuestion } from '../os/binding.js';
import type { Diagnostic, DiagnosticCode } from './diagnostic.js';
import { hasType, isRedirect, isResident, type ServiceDraft, socketType } from './draft.js';
import type { NssFacts } from './nss-facts.js';
import type { Activation, EndpointPlan, RejectedPlan } from './plan.js';
import { groupQuestions, hostsOf, questions } from './questions.js';
import { besideItsFile } from './settings.js';

/** What a rejected service waits for: an answer of passwd(5) and its kind, a network device, or a program. */
export type Awaited = { readonly question: NssQuestion } | { readonly device: string } | { readonly program: string };

/** A service that superd rejects, with what identifies it among running services, and what may make it run later. */
export interface Rejection extends RejectedPlan {
  readonly type: EndpointPlan['type'] | null;
  readonly awaits: readonly Awaited[];
}

/**
 * Describes each rejected service by its first mistake.
 *
 * @param inBlocks The mistakes of broken blocks, which the parser reports for the file.
 */
export function rejectionOf(draft: ServiceDraft, inBlocks: ReadonlyMap<Origin, readonly Diagnostic[]>, facts: NssFacts): Rejection {
  const { block, id, findings } = draft;
  const found = [...(inBlocks.get(block.origin) ?? []), ...findings.diagnostics];
  // The mistakes of a service of `superctl run` are warnings.
  const first = found.find(({ severity }) => severity === 'error') ?? found.find(({ severity }) => severity === 'warning');
  const problem = `${placeOf(first ?? block.origin)}: ${first?.message ?? 'superd cannot use this block'}`;
  return {
    id,
    name: block.name,
    activation: activationOf(draft),
    origin: block.origin,
    problem,
    type: socketType(draft),
    awaits: awaitedBy(draft, facts),
  };
}

/** Pairs the mistakes of the parser with the broken blocks that contain them; the others may have hidden a block. */
export function mistakesOfBlocks(
  parsed: readonly Diagnostic[],
  blocks: readonly { readonly origin: Origin; readonly broken: boolean }[],
): { readonly inside: ReadonlyMap<Origin, readonly Diagnostic[]>; readonly outside: readonly Diagnostic[] } {
  const inside = new Map<Origin, Diagnostic[]>();
  const outside: Diagnostic[] = [];
  for (const one of parsed) {
    if (one.severity !== 'error') continue;
    const before = blocks.filter(({ origin }) => origin.path === one.path && origin.line <= one.line);
    const owner = before.reduce<(typeof before)[number] | null>((a, b) => (a === null || b.origin.line >= a.origin.line ? b : a), null);
    if (owner?.broken === true) inside.set(owner.origin, [...(inside.get(owner.origin) ?? []), one]);
    else outside.push(one);
  }
  return { inside, outside };
}

function activationOf(draft: ServiceDraft): Activation {
  if (isResident(draft)) return 'boot';
  if (isRedirect(draft)) return 'redirect';
  return hasType(draft, 'INTERNAL') ? 'internal' : 'request';
}

/** Facts of the machine without which a service is rejected. Host names in address lists have a retry of their own. */
const DECISIVE: ReadonlySet<NssQuestion[0]> = new Set<NssQuestion[0]>(['user', 'group', 'groups-of-user', 'service', 'protocol', 'rpc']);

function awaitedBy(draft: ServiceDraft, facts: NssFacts): Awaited[] {
  const { bind, server } = draft.settings;
  const hosts = hostsOf(bind?.value);
  const isOpen = (code: DiagnosticCode) => draft.findings.diagnostics.some((one) => one.code === code);
  const open = [...questions(draft), ...groupQuestions(draft, facts)].filter(
    (question) => !facts.knows(question) && (DECISIVE.has(question[0]) || (question[0] === 'addresses' && hosts.includes(question[1]))),
  );
  return [
    ...open.map((question) => ({ question })),
    ...(isOpen('unresolved-name') ? hosts.map((device) => ({ device })) : []),
    ...(isOpen('server-not-executable') && server !== undefined ? [{ program: besideItsFile(server) }] : []),
  ];
}
