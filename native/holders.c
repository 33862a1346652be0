#include "holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATH = 64, TEXT = 4096, LINK = 40, STANDARD = 3 };

/*
 * A process may have a million descriptors, and any local user a hundred such processes. The milliseconds are processor time of this thread:
 * on a busy machine other programs use up the clock's.
 */
enum { MOST_DESCRIPTORS = 1024, MOST_MILLISECONDS = 250 };

/*
 * Nothing here may wait for a process. Readers of its `stat`, of the links in its `fd`, and kcmp(2) wait while it is in execve(2), which may wait
 * for a file system that its user has mounted. Readers of `status` and `fdinfo` do not.
 */

/* The first bytes of a file; empty when it cannot be read. */
static void read_text(int directory, const char *path, char text[TEXT]) {
  int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, TEXT - 1);
  if (fd >= 0) close(fd);
  text[length < 0 ? 0 : length] = '\0';
}

/* The number in a line of `name: number`; 0 when there is none. */
static unsigned long long number_in(const char *text, const char *name) {
  const char *at = strstr(text, name);
  return at == NULL ? 0 : strtoull(at + strlen(name), NULL, 10);
}

/* The mount that all sockets are in, as fdinfo has it. */
static unsigned long long sockets_mount;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_sockets_mount(void) {
  char path[PATH], text[TEXT];
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  read_text(AT_FDCWD, path, text);
  sockets_mount = number_in(text, "mnt_id:\t");
  close(fd);
}

/* Linux before 5.14, where fdinfo has no inode. */
static ino_t socket_of_link(const char *pid, const char *name) {
  char path[PATH], link[LINK];
  snprintf(path, sizeof path, "/proc/%.20s/fd/%.20s", pid, name);
  ssize_t length = readlink(path, link, sizeof link - 1);
  if (length <= 0) return 0;
  link[length] = '\0';
  return strncmp(link, "socket:[", 8) == 0 ? (ino_t)strtoull(link + 8, NULL, 10) : 0;
}

/* The inode of a socket that a process has open; 0 for anything else. */
static ino_t socket_at(int directory, const char *pid, const char *name) {
  char text[TEXT];
  read_text(directory, name, text);
  if (text[0] == '\0' || number_in(text, "mnt_id:\t") != sockets_mount) return 0;
  ino_t inode = (ino_t)number_in(text, "\nino:\t");
  return inode != 0 ? inode : socket_of_link(pid, name);
}

static DIR *open_descriptors(const char *pid) {
  char path[PATH];
  pthread_once(&once, find_sockets_mount);
  snprintf(path, sizeof path, "/proc/%.20s/fdinfo", pid);
  return opendir(path);
}

bool process_holds(pid_t pid, ino_t inode) {
  char name[PATH], number[PATH];
  snprintf(name, sizeof name, "%d", (int)pid);
  DIR *descriptors = open_descriptors(name);
  if (descriptors == NULL) return false;
  bool found = false;
  int seen = 0;
  for (int fd = 0; !found && fd < STANDARD; fd++) {
    snprintf(number, sizeof number, "%d", fd);
    found = socket_at(dirfd(descriptors), name, number) == inode;
  }
  for (struct dirent *entry; !found && (entry = readdir(descriptors)) != NULL;) {
    found = socket_at(dirfd(descriptors), name, entry->d_name) == inode || ++seen > MOST_DESCRIPTORS;
  }
  closedir(descriptors);
  return found;
}

static bool is_number(const char *name) {
  return name[0] >= '1' && name[0] <= '9';
}

static void read_status(const char *pid, char text[TEXT]) {
  char path[PATH];
  snprintf(path, sizeof path, "/proc/%.20s/status", pid);
  read_text(AT_FDCWD, path, text);
}

static pid_t session_of(const char *pid) {
  char status[TEXT];
  read_status(pid, status);
  return (pid_t)number_in(status, "\nNSsid:\t");
}

static int64_t used_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/*
 * A process that superd starts has a copy of every descriptor until its execve, and uses none of them. On a busy machine it may take longer
 * than any second look waits. It is a child of superd and has the name of its thread; a server that gives itself this name harms only its own
 * client.
 */
static bool is_before_execve(const char *pid) {
  static const char named[] = "Name:\t" SPAWN_THREAD "\n";
  char status[TEXT];
  read_status(pid, status);
  return strncmp(status, named, sizeof named - 1) == 0 && number_in(status, "\nPPid:\t") == (unsigned long long)getpid();
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
    ino_t inode = socket_at(dirfd(descriptors), name, entry->d_name);
    for (size_t i = 0; inode != 0 && uses_them && i < count; i++) {
      if (sought[i].inode != inode) continue;
      uses_them = !is_before_execve(name);
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
