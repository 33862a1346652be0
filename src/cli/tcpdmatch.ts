import { tcpdmatch } from './tcpdmatch/match.js';
import { runTool } from './tool-main.js';

runTool(tcpdmatch);
