import { roffText } from '../roff.js';
import type { Attribute } from './attributes/attribute.js';
import { attributes } from './attributes/table.js';
import { HEAD, TAIL } from './manual-text.js';

/** The page superd.conf(5) in mdoc(7), made from the table of attributes. */
export function renderManual(): string {
  const sections = [...new Set(attributes.map(([, { section }]) => section))];
  const listed = sections.map((section) => {
    const within = attributes.filter(([, attribute]) => attribute.section === section);
    return [`.Ss ${section}`, '.Bl -tag -width Ds', ...within.flatMap(([, attribute]) => renderAttribute(attribute)), '.El'].join('\n');
  });
  return `${HEAD}${listed.join('\n')}\n${TAIL}`;
}

function renderAttribute(attribute: Attribute<unknown>): string[] {
  const { name, usage, doc, aliases = [] } = attribute;
  const initial = attribute.initial === null ? '' : attribute.format(attribute.initial);
  const facts = [
    attribute.where === 'both' ? 'Also in defaults.' : '',
    attribute.combine === undefined ? '' : attribute.combine.remove === undefined ? 'Takes = and +=.' : 'Takes =, += and -=.',
    initial === '' ? '' : `If not written: ${initial}.`,
    aliases.length === 0 ? '' : `Also called ${aliases.join(', ')}.`,
    attribute.extension === true ? 'Unknown to xinetd.' : '',
  ].filter((fact) => fact !== '');
  return [`.It Ic ${name} = ${roffText(usage)}`, paragraphs(doc), ...facts.map(roffText)];
}

/** Blank lines separate paragraphs; attribute names are bold. */
function paragraphs(doc: string): string {
  const texts = doc.split('\n\n').map((text) => roffText(text.replaceAll('\n', ' ')).replace(/\*(\w+)\*/g, '\\fB$1\\fR'));
  return texts.join('\n.Pp\n');
}
