import { runTool } from '../access/tool-main.js';
import { tcpdchk } from './check.js';

runTool(tcpdchk);
