import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env.SUPERD_BENCH_PM2 ?? '';
const file = (name) => join(folder, 'node_modules', 'pm2', name);

/** PM2 is measured only where it is installed. Its daemon goes into the background by itself. */
export const pm2 = {
  name: 'pm2',
  missing: () => (existsSync(file('bin/pm2')) ? null : 'npm install --prefix DIR pm2, and SUPERD_BENCH_PM2=DIR'),
  version: () => JSON.parse(readFileSync(file('package.json'), 'utf8')).version,
  environment: ({ directory }) => ({ HOME: directory, PM2_HOME: join(directory, 'pm2') }),
  command({ directory, program, count }) {
    const rules = { script: program, interpreter: 'none', restart_delay: 0, max_restarts: 1_000_000, min_uptime: 0 };
    const apps = Array.from({ length: count }, (_, index) => ({ name: `d${index}`, ...rules }));
    const path = join(directory, 'ecosystem.config.json');
    writeFileSync(path, JSON.stringify({ apps }));
    return [process.execPath, file('bin/pm2'), 'start', path];
  },
};
