import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Running processes, except this one, whose working directory is `directory` or whose command line names it. */
export function processesOf(directory) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(directory) || readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(directory);
      } catch {
        return false;
      }
    });
}

/** Kills all of these processes and those that they start meanwhile. The caller made the directory, so no other process uses it. */
export function endProcessesOf(directory) {
  for (let left = processesOf(directory); left.length > 0; left = processesOf(directory)) {
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch (error) {
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }
}
