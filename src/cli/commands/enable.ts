import { switchCommand } from '../switch-command.js';

export const enable = switchCommand('enable');
