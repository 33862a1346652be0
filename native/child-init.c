#include "child-init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "compat.h"
#include "program.h"
#include "start.h"

/*
 * Everything here runs between clone(CLONE_VM|CLONE_VFORK) and execve, in the memory of the parent, one of whose threads is suspended.
 * Hence raw system calls only: glibc's setuid family would signal every thread of the parent, its wrappers write errno into the
 * suspended thread's storage, and code instrumented by a sanitizer would report into the parent's state.
 *
 * Changing the uid makes the kernel mark the shared memory as not dumpable. superd must never undo that: at any moment a child of
 * another start may be between setuid and execve, and its new owner must not be able to ptrace superd's memory.
 */
#if defined(__clang__)
#define BARE __attribute__((no_sanitize("address", "undefined"), no_stack_protector))
#else
#define BARE __attribute__((no_sanitize("address", "undefined"), optimize("no-stack-protector")))
#endif
#define BARE_INLINE static inline BARE __attribute__((always_inline))

/* Returns −errno on failure, as the kernel does. */
#if defined(__x86_64__)
BARE_INLINE long call(long number, long a, long b, long c, long d, long e) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
BARE_INLINE long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
#else
/* Writes errno into the suspended thread's storage: harmless, because that thread sets it again when clone(2) returns. */
BARE_INLINE long call(long number, long a, long b, long c, long d, long e) {
  long result = syscall(number, a, b, c, d, e);
  return result == -1 ? -errno : result;
}
#endif

#ifdef SYS_setgroups32
enum { CALL_SETGROUPS = SYS_setgroups32, CALL_SETGID = SYS_setgid32, CALL_SETUID = SYS_setuid32 };
#else
enum { CALL_SETGROUPS = SYS_setgroups, CALL_SETGID = SYS_setgid, CALL_SETUID = SYS_setuid };
#endif

/* As prlimit64(2) has it. */
struct core_limit {
  uint64_t soft, hard;
};

enum { SIGNALS = _NSIG - 1, SIGNAL_SET_BYTES = SIGNALS / 8 };

/* Large enough for the kernel's struct sigaction on any architecture and for a signal set. All zero is SIG_DFL, or the empty set. */
static const uint64_t zeros[16];

BARE __attribute__((noreturn, noinline)) static void give_up(struct start *start, enum step step, long result) {
  start->step = (int)step;
  start->error = (int)-result;
  for (;;) call(SYS_exit_group, 127, 0, 0, 0, 0);
}

/* A handler of the parent must not run here, and a signal that the parent ignores would stay ignored after execve. */
BARE_INLINE void reset_signals(void) {
  for (int signal = 1; signal <= SIGNALS; signal++) {
    if (signal != SIGKILL && signal != SIGSTOP) call(SYS_rt_sigaction, signal, (long)zeros, 0, SIGNAL_SET_BYTES, 0);
  }
}

/* A source below `count` could be overwritten before its turn, so it is moved up first. */
BARE_INLINE long place_descriptors(struct start *start) {
  int count = start->fd_count;
  int *fds = start->child_fds;
  long result;
  for (int i = 0; i < count; i++) {
    if (fds[i] >= count || fds[i] == i) continue;
    if ((result = call(SYS_fcntl, fds[i], F_DUPFD_CLOEXEC, count, 0, 0)) < 0) return result;
    fds[i] = (int)result;
  }
  for (int i = 0; i < count; i++) {
    result = fds[i] == i ? call(SYS_fcntl, i, F_SETFD, 0, 0, 0) : call(SYS_dup3, fds[i], i, 0, 0, 0);
    if (result < 0) return result;
  }
  /* Closed now, and not by execve: a copy of another client's connection would hide its end from that client. Kernels before 5.9 lack the
     call; there execve closes those with O_CLOEXEC, and superd marks the inherited ones at start-up. */
  call(SYS_close_range, count, ~0U, 0, 0, 0);
  return 0;
}

BARE_INLINE long add_nice(int nice) {
  /* The raw call returns 20 − nice, which is never negative. */
  long result = call(SYS_getpriority, PRIO_PROCESS, 0, 0, 0, 0);
  if (result < 0) return result;
  return call(SYS_setpriority, PRIO_PROCESS, 0, 20 - result + nice, 0, 0);
}

BARE_INLINE void append_pid(char *text) {
  char digits[12];
  int count = 0;
  long pid = call(SYS_getpid, 0, 0, 0, 0, 0);
  do digits[count++] = (char)('0' + pid % 10);
  while ((pid /= 10) > 0);
  while (count > 0) *text++ = digits[--count];
  *text = '\0';
}

/* Lowers a limit above the hard one to the hard one: a server with a lower limit is better than a refused client. */
BARE_INLINE long raise_limit(const struct limit *limit) {
  long result = call(SYS_prlimit64, 0, limit->resource, (long)&limit->value, 0, 0);
  if (result != -EPERM) return result;
  struct limit most = *limit;
  result = call(SYS_prlimit64, 0, limit->resource, 0, (long)&most.value, 0);
  if (result < 0) return result;
  if (limit->value.hard < most.value.hard) most.value.hard = limit->value.hard;
  most.value.soft = limit->value.soft < most.value.hard ? limit->value.soft : most.value.hard;
  return call(SYS_prlimit64, 0, limit->resource, (long)&most.value, 0, 0);
}

#define TRY(step, expression)                      \
  do {                                             \
    long result = (expression);                    \
    if (result < 0) give_up(start, step, result);  \
  } while (0)

/*
 * Until execve a core dump of the child would be one of superd's memory, for its new owner to read. A soft limit of 1 prevents that also
 * where the kernel pipes dumps to a program, which disregards every other limit: core(5).
 */
BARE_INLINE long forbid_core(struct core_limit *core) {
  long result = call(SYS_prlimit64, 0, RLIMIT_CORE, 0, (long)core, 0);
  struct core_limit none = {.soft = core->hard < 1 ? core->hard : 1, .hard = core->hard};
  return result < 0 ? result : call(SYS_prlimit64, 0, RLIMIT_CORE, (long)&none, 0, 0);
}

/* The hard limit takes effect at once, while the rights for it are still there. */
BARE_INLINE long set_limit(const struct limit *limit, struct core_limit *core) {
  if (limit->resource != RLIMIT_CORE) return raise_limit(limit);
  core->soft = limit->value.soft;
  core->hard = limit->value.hard;
  struct core_limit none = {.soft = core->hard < 1 ? core->hard : 1, .hard = core->hard};
  return call(SYS_prlimit64, 0, RLIMIT_CORE, (long)&none, 0, 0);
}

BARE int child_init(void *argument) {
  struct start *start = argument;
  const struct program *program = start->program;
  struct core_limit core;

  TRY(STEP_SETRLIMIT, forbid_core(&core));
  reset_signals();
  if (program->new_session) TRY(STEP_SETSID, call(SYS_setsid, 0, 0, 0, 0, 0));
  TRY(STEP_FDS, place_descriptors(start));
  TRY(STEP_CHDIR, call(SYS_chdir, (long)program->directory, 0, 0, 0, 0));
  if (program->umask >= 0) TRY(STEP_UMASK, call(SYS_umask, program->umask, 0, 0, 0, 0));
  for (size_t i = 0; i < program->limit_count; i++) {
    TRY(STEP_SETRLIMIT, set_limit(&program->limits[i], &core));
  }
  if (program->nice != 0) TRY(STEP_NICE, add_nice(program->nice));
  const struct credentials *user = &program->credentials;
  if (user->given) {
    TRY(STEP_SETGROUPS, call(CALL_SETGROUPS, (long)user->group_count, (long)user->groups, 0, 0, 0));
    TRY(STEP_SETGID, call(CALL_SETGID, user->gid, 0, 0, 0, 0));
    TRY(STEP_SETUID, call(CALL_SETUID, user->uid, 0, 0, 0, 0));
  }
  if (program->no_new_privileges) TRY(STEP_NO_NEW_PRIVS, call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  if (program->listen_pid) append_pid(start->listen_pid + sizeof "LISTEN_PID=" - 1);
  TRY(STEP_SETRLIMIT, call(SYS_prlimit64, 0, RLIMIT_CORE, (long)&core, 0, 0));
  TRY(STEP_SIGNALS, call(SYS_rt_sigprocmask, SIG_SETMASK, (long)zeros, 0, SIGNAL_SET_BYTES, 0));
  give_up(start, STEP_EXECVE, call(SYS_execve, (long)program->path, (long)program->argv, (long)start->environment, 0, 0));
}
