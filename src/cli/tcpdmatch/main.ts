import { runTool } from '../access/tool-main.js';
import { tcpdmatch } from './match.js';

runTool(tcpdmatch);
