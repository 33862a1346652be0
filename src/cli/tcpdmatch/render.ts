import type { AccessTables, Decision, Effect, Request, Rule } from '../../access/index.js';

/** The request, without the lines of what is unknown. */
export function renderRequest({ daemon, user, client, server }: Request): string {
  const lines = [
    ['client:   hostname', client.name],
    ['client:   address ', client.address],
    ['client:   username', user],
    ['server:   hostname', server.name],
    ['server:   address ', server.address],
    ['server:   process ', daemon],
  ] as const;
  return lines
    .filter(([, value]) => value !== undefined && value !== '' && value !== 'unknown')
    .map(([label, value]) => `${label} ${value}\n`)
    .join('');
}

/** The rule that decides, its options, and the result. */
export function renderDecision(decision: Decision, tables: AccessTables): string {
  const { rule: origin, problem, twist, verdict, reason } = decision;
  const access = twist !== null ? 'delegated' : verdict === 'allow' ? 'granted' : 'denied';
  let text = '';
  if (origin !== null && reason !== 'table-broken') {
    const table = origin.path === tables.deny.path ? tables.deny : tables.allow;
    const rule = table.rules.find(({ line }) => line === origin.line);
    text += `matched:  ${origin.path} line ${origin.line}\n${renderOptions(rule, decision.effects, twist)}`;
  }
  if (problem !== '' && origin !== null) text += `error: ${origin.path}, line ${origin.line}: ${problem}\n`;
  return `${text}access:   ${access}\n`;
}

/** The options of a rule, with commands and variables expanded. */
function renderOptions(rule: Rule | undefined, effects: readonly Effect[], twist: string | null): string {
  const expanded = {
    spawn: effects.filter((effect) => effect.kind === 'spawn').map(({ command }) => command),
    setenv: effects.filter((effect) => effect.kind === 'setenv').map(({ name, value }) => `${name} ${value}`),
    twist: [twist],
  };
  return (rule?.options ?? [])
    .filter((step) => step.ok)
    .map(({ name, value }) => `option:   ${name} ${(name in expanded ? expanded[name as keyof typeof expanded].shift() : null) ?? value}\n`)
    .join('');
}
