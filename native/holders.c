#include "holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PATH = 64, LINK = 40, STAT = 512, STANDARD = 3 };

/*
 * A process may have a million descriptors, and any local user a hundred such processes. The milliseconds are processor time of this thread:
 * on a busy machine other programs use up the clock's.
 */
enum { MOST_DESCRIPTORS = 1024, MOST_MILLISECONDS = 250 };

/* The inode of the socket behind a link of /proc/PID/fd; 0 for anything else. */
static ino_t socket_at(int directory, const char *name) {
  char link[LINK];
  ssize_t length = readlinkat(directory, name, link, sizeof link - 1);
  if (length <= 0) return 0;
  link[length] = '\0';
  return strncmp(link, "socket:[", 8) == 0 ? (ino_t)strtoull(link + 8, NULL, 10) : 0;
}

static DIR *open_descriptors(const char *pid) {
  char path[PATH];
  snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
  return opendir(path);
}

bool process_holds(pid_t pid, ino_t inode) {
  char path[PATH];
  for (int fd = 0; fd < STANDARD; fd++) {
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
    if (socket_at(AT_FDCWD, path) == inode) return true;
  }
  snprintf(path, sizeof path, "%d", (int)pid);
  DIR *descriptors = open_descriptors(path);
  if (descriptors == NULL) return false;
  bool found = false;
  int seen = 0;
  for (struct dirent *entry; !found && (entry = readdir(descriptors)) != NULL;) {
    found = socket_at(dirfd(descriptors), entry->d_name) == inode || ++seen > MOST_DESCRIPTORS;
  }
  closedir(descriptors);
  return found;
}

static bool is_number(const char *name) {
  return name[0] >= '1' && name[0] <= '9';
}

/* The sixth field of /proc/PID/stat; the second may contain blanks and parentheses. */
static pid_t session_of(const char *pid) {
  char path[PATH], text[STAT];
  int session = 0;
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return 0;
  text[length] = '\0';
  const char *rest = strrchr(text, ')');
  return rest != NULL && sscanf(rest + 1, " %*c %*d %*d %d", &session) == 1 ? (pid_t)session : 0;
}

static int64_t used_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/*
 * A process that superd starts shares its memory and has a copy of every descriptor until its execve. It uses none of them. On a busy machine
 * it may take longer than any second look waits. Without kcmp(2) it counts as a holder.
 */
static bool is_before_execve(pid_t pid) {
  return syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0) == 0;
}

static void look_into(const char *name, struct sought *sought, size_t count, int64_t end) {
  pid_t pid = (pid_t)atoi(name);
  DIR *descriptors = open_descriptors(name);
  if (descriptors == NULL) {
    if (errno != EACCES) return;
    pid_t session = session_of(name);
    for (size_t i = 0; i < count; i++) {
      if (sought[i].server == session) sought[i].holder = pid;
    }
    return;
  }
  bool uses_them = true;
  for (struct dirent *entry; uses_them && used_ms() < end && (entry = readdir(descriptors)) != NULL;) {
    ino_t inode = socket_at(dirfd(descriptors), entry->d_name);
    for (size_t i = 0; inode != 0 && uses_them && i < count; i++) {
      if (sought[i].inode != inode) continue;
      uses_them = !is_before_execve(pid);
      if (uses_them) sought[i].holder = pid;
    }
  }
  closedir(descriptors);
}

bool find_holders(struct sought *sought, size_t count) {
  DIR *processes = opendir("/proc");
  bool any = false;
  int64_t end = used_ms() + MOST_MILLISECONDS;
  if (processes == NULL) return false;
  pid_t own = getpid();
  for (size_t i = 0; i < count; i++) sought[i].holder = 0;
  for (struct dirent *entry; used_ms() < end && (entry = readdir(processes)) != NULL;) {
    if (!is_number(entry->d_name)) continue;
    any = true;
    if (atoi(entry->d_name) != own) look_into(entry->d_name, sought, count, end);
  }
  closedir(processes);
  return any && used_ms() < end;
}
