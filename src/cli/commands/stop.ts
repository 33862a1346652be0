import { unitCommand } from '../unit-command.js';

export const stop = unitCommand('stop');
