import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Running processes that stand in a directory or name it on their command line, the caller apart. */
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

/** Kills them all, and those that some of them start meanwhile. Nobody else's stand in a directory that the caller has made. */
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
