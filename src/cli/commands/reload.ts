import { unitCommand } from '../unit-command.js';

export const reload = unitCommand('reload');
