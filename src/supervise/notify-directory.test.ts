import { expect, test } from 'vitest';
import { notifyPlaces } from './notify-directory.js';

test('without root the socket is in the runtime directory, or with the state, where its path is short enough', () => {
  expect(notifyPlaces('k', '/state', 1000, { XDG_RUNTIME_DIR: '/run/user/1000' })).toEqual([
    '/run/user/1000/superd/k',
    '/state/notify',
    '/tmp/superd-k',
  ]);
  expect(notifyPlaces('k', `/${'x'.repeat(60)}`, 1000, { XDG_RUNTIME_DIR: 'relative' })).toEqual(['/tmp/superd-k']);
});
