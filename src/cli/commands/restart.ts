import { unitCommand } from '../unit-command.js';

export const restart = unitCommand('restart');
