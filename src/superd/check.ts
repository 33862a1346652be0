import type { Diagnostic } from '../config/diagnostic.js';
