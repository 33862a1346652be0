import { expect, test } from 'vitest';
import { renderBanner } from './banner.js';
import { compileTables, RequestFacts } from './index.js';

const tables = compileTables({ allow: { path: 'a', content: '' }, deny: { path: 'd', content: '' } });
const facts = () => new RequestFacts({ daemon: 'ftpd', client: { address: '192.0.2.7' }, server: { address: '' } });

test('expands lines and ends them with CR LF', () => {
  expect(Buffer.from(renderBanner('Hello %a,\nthis is %d\n', tables, facts()) as Uint8Array).toString()).toBe(
    'Hello 192.0.2.7,\r\nthis is ftpd\r\n',
  );
  expect(Buffer.from(renderBanner('Grüß %a', tables, facts()) as Uint8Array).toString()).toBe('Grüß 192.0.2.7');
});

test('returns the fact it needs', () => {
  expect(renderBanner('%n\n', tables, facts())).toEqual({ fact: 'client-name' });
});
