#ifndef SUPERD_CHILD_H
#define SUPERD_CHILD_H

/* The steps of a start, as `spawnSteps` in src/os/binding.ts names them. */
enum step {
  STEP_CLONE, STEP_SIGNALS, STEP_SETSID, STEP_FDS, STEP_CHDIR, STEP_UMASK, STEP_SETRLIMIT, STEP_NICE,
  STEP_SETGROUPS, STEP_SETGID, STEP_SETUID, STEP_NO_NEW_PRIVS, STEP_EXECVE, STEP_TIMEOUT
};

/* The body of a cloned child: becomes the program of the `struct start` given, or notes step and errno in it and exits 127. */
int child_run(void *start);

#endif
