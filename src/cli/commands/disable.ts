import { switchCommand } from '../switch-command.js';

export const disable = switchCommand('disable');
