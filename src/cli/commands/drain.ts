import { unitCommand } from '../unit-command.js';

export const drain = unitCommand('drain');
