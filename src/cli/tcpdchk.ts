import { tcpdchk } from './tcpdchk/check.js';
import { runTool } from './tool-main.js';

runTool(tcpdchk);
