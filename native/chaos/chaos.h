#ifndef SUPERD_CHAOS_H
#define SUPERD_CHAOS_H

/*
 * For the test build of scripts/chaos.mjs, which puts this header before each source of native/: a test can make every system call of the
 * addon fail. The headers come first, since the macros below would change their declarations.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct fault;

/* The error that the test wants of this call, or 0. `site` keeps the entry of the place in the source. */
int chaos_error(struct fault **site, const char *file, int line, const char *call);

#define FAULTY_AS(call, failure, ...)                                                             \
  __extension__({                                                                                 \
    static struct fault *chaos_site;                                                              \
    int chaos_wanted = chaos_error(&chaos_site, __FILE__, __LINE__, #call);                       \
    if (chaos_wanted != 0) errno = chaos_wanted;                                                  \
    chaos_wanted != 0 ? (failure) : call(__VA_ARGS__);                                            \
  })
#define FAULTY(call, ...) FAULTY_AS(call, -1, __VA_ARGS__)

#define accept4(...) FAULTY(accept4, __VA_ARGS__)
#define bind(...) FAULTY(bind, __VA_ARGS__)
#define clone(...) FAULTY(clone, __VA_ARGS__)
#define connect(...) FAULTY(connect, __VA_ARGS__)
#define epoll_create1(...) FAULTY(epoll_create1, __VA_ARGS__)
#define epoll_ctl(...) FAULTY(epoll_ctl, __VA_ARGS__)
#define epoll_wait(...) FAULTY(epoll_wait, __VA_ARGS__)
#define eventfd(...) FAULTY(eventfd, __VA_ARGS__)
#define eventfd_write(...) FAULTY(eventfd_write, __VA_ARGS__)
#define fchmod(...) FAULTY(fchmod, __VA_ARGS__)
#define fchmodat(...) FAULTY(fchmodat, __VA_ARGS__)
#define fchown(...) FAULTY(fchown, __VA_ARGS__)
#define fcntl(...) FAULTY(fcntl, __VA_ARGS__)
#define flock(...) FAULTY(flock, __VA_ARGS__)
#define fopen(...) FAULTY_AS(fopen, (FILE *)NULL, __VA_ARGS__)
#define fstat(...) FAULTY(fstat, __VA_ARGS__)
#define fstatat(...) FAULTY(fstatat, __VA_ARGS__)
#define fsync(...) FAULTY(fsync, __VA_ARGS__)
#define getpeername(...) FAULTY(getpeername, __VA_ARGS__)
#define getrlimit(...) FAULTY(getrlimit, __VA_ARGS__)
#define getsockname(...) FAULTY(getsockname, __VA_ARGS__)
#define getsockopt(...) FAULTY(getsockopt, __VA_ARGS__)
#define inotify_add_watch(...) FAULTY(inotify_add_watch, __VA_ARGS__)
#define inotify_init1(...) FAULTY(inotify_init1, __VA_ARGS__)
#define listen(...) FAULTY(listen, __VA_ARGS__)
#define madvise(...) FAULTY(madvise, __VA_ARGS__)
#define mkdirat(...) FAULTY(mkdirat, __VA_ARGS__)
#define mkfifo(...) FAULTY(mkfifo, __VA_ARGS__)
#define mmap(...) FAULTY_AS(mmap, MAP_FAILED, __VA_ARGS__)
#define open(...) FAULTY(open, __VA_ARGS__)
#define openat(...) FAULTY(openat, __VA_ARGS__)
#define opendir(...) FAULTY_AS(opendir, (DIR *)NULL, __VA_ARGS__)
#define pipe2(...) FAULTY(pipe2, __VA_ARGS__)
#define poll(...) FAULTY(poll, __VA_ARGS__)
#define prctl(...) FAULTY(prctl, __VA_ARGS__)
#define pread(...) FAULTY(pread, __VA_ARGS__)
#define pthread_create(...) FAULTY_AS(pthread_create, errno, __VA_ARGS__)
#define read(...) FAULTY(read, __VA_ARGS__)
#define readlink(...) FAULTY(readlink, __VA_ARGS__)
#define readlinkat(...) FAULTY(readlinkat, __VA_ARGS__)
#define recv(...) FAULTY(recv, __VA_ARGS__)
#define recvfrom(...) FAULTY(recvfrom, __VA_ARGS__)
#define recvmmsg(...) FAULTY(recvmmsg, __VA_ARGS__)
#define recvmsg(...) FAULTY(recvmsg, __VA_ARGS__)
#define renameat(...) FAULTY(renameat, __VA_ARGS__)
#define send(...) FAULTY(send, __VA_ARGS__)
#define sendmmsg(...) FAULTY(sendmmsg, __VA_ARGS__)
#define sendto(...) FAULTY(sendto, __VA_ARGS__)
#define setrlimit(...) FAULTY(setrlimit, __VA_ARGS__)
#define setsockopt(...) FAULTY(setsockopt, __VA_ARGS__)
#define shutdown(...) FAULTY(shutdown, __VA_ARGS__)
#define socket(...) FAULTY(socket, __VA_ARGS__)
#define splice(...) FAULTY(splice, __VA_ARGS__)
#define stat(...) FAULTY(stat, __VA_ARGS__)
#define syscall(...) FAULTY(syscall, __VA_ARGS__)
#define tee(...) FAULTY(tee, __VA_ARGS__)
#define timerfd_create(...) FAULTY(timerfd_create, __VA_ARGS__)
#define timerfd_settime(...) FAULTY(timerfd_settime, __VA_ARGS__)
#define unlinkat(...) FAULTY(unlinkat, __VA_ARGS__)
#define waitid(...) FAULTY(waitid, __VA_ARGS__)
#define write(...) FAULTY(write, __VA_ARGS__)

#endif
