import { unitCommand } from '../unit-command.js';

export const start = unitCommand('start');
