import { switchCommand } from '../switch-command.js';

export const disable = switchCommand('disable', 'Switch services off, for good, whatever the files say');
