import fc from 'fast-check';
import { expect, test } from 'vitest';
import { properties } from '../../tests/config/properties.js';
import { formatEntries } from './format.js';
import { parse } from './parse.js';

for (const [name, property] of Object.entries(properties)) {
  test(name, async () => {
    await fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns: 300 });
  });
}

test('format writes one attribute a line and drops comments', () => {
  const { entries } = parse('service x {\nwait=no # c\nserver_args = -c "a b"\nonly_from = 10.0.0.1,10.0.0.2\n}\nincludedir /etc/x.d', 'f');
  expect(formatEntries(entries)).toBe(
    'service x\n{\n\twait = no\n\tserver_args = -c "a b"\n\tonly_from = 10.0.0.1 10.0.0.2\n}\n\nincludedir /etc/x.d\n',
  );
});
