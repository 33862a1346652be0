import { switchCommand } from '../switch-command.js';

export const enable = switchCommand('enable', 'Switch services on, for good, whatever the files say');
