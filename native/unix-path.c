#include "file-operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* The rights of a socket file, in a directory that was walked to. */

/*
 * The address of the place: its path where nobody can exchange a directory on the way, so that ss(8) and the server see that; else by way of the
 * directory's descriptor. bind(2) and connect(2) follow no link that stands in the last name's place when they make or need a socket there.
 */
static bool address_of(const struct place *place, struct sockaddr_un *address, struct trouble *trouble) {
  int length;
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (place->stable) length = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s", place->text, place->name);
  else length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", place->directory, place->name);
  return length < (int)sizeof address->sun_path || troubled(trouble, ENAMETOOLONG, "bind", place->text, place->name);
}

/* Connecting a datagram socket sends nothing, and no other kind of socket notices it: EPROTOTYPE tells that it lives, ECONNREFUSED that it does not. */
static bool is_abandoned(const struct sockaddr_un *address) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  bool abandoned = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
  close(fd);
  return abandoned;
}

/* Room for the socket: what a dead process has left is removed, whatever else is there stays. */
static bool make_room(const struct place *place, const struct sockaddr_un *address, struct trouble *trouble) {
  struct stat found;
  if (fstatat(place->directory, place->name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT || troubled(trouble, errno, "stat", place->text, place->name);
  }
  if (!S_ISSOCK(found.st_mode)) trouble->problem = "no-socket";
  else if (!is_abandoned(address)) trouble->problem = "in-use";
  else return unlinkat(place->directory, place->name, 0) == 0 || troubled(trouble, errno, "unlink", place->text, place->name);
  return troubled(trouble, EADDRINUSE, "bind", place->text, place->name);
}

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/*
 * Changes the mode of the file behind an O_PATH descriptor. fchmod(2) refuses such a descriptor, and fchmodat2(2) needs Linux 6.6, so this goes through
 * /proc. Without both the name serves where only root can replace it.
 */
static bool set_mode(const struct place *place, int fd, int mode) {
  char path[48];
  snprintf(path, sizeof path, "/proc/thread-self/fd/%d", fd);
  if (chmod(path, (mode_t)mode) == 0) return true;
  if (errno != ENOENT) return false;
  if (syscall(SYS_fchmodat2, fd, "", mode, AT_EMPTY_PATH) == 0) return true;
  bool is_safe = place->stable && !place->group_writes && !place->everybody_writes;
  return is_safe && fchmodat(place->directory, place->name, (mode_t)mode, 0) == 0;
}

/* The socket that was just bound, and nothing that has taken its place. */
static bool open_to(const struct place *place, int mode, struct file_answer *answer) {
  int fd = open_path(place, place->name, &answer->stat, &answer->trouble);
  if (fd < 0) return false;
  uid_t owner = place->foreign ? place->owner.uid : geteuid();
  bool is_ours = S_ISSOCK(answer->stat.st_mode) && answer->stat.st_uid == owner && answer->stat.st_nlink == 1;
  bool good = is_ours ? set_mode(place, fd, mode) || troubled(&answer->trouble, errno, "chmod", place->text, place->name)
                      : distrusts(&answer->trouble, "changed", place->text, place->name);
  close(fd);
  file_identity(&answer->stat, answer->file);
  return good;
}

static int bind_socket(const struct file_request *request, const struct place *place, struct file_answer *answer) {
  struct trouble *trouble = &answer->trouble;
  struct sockaddr_un address;
  if (!address_of(place, &address, trouble) || !make_room(place, &address, trouble)) return -1;
  int fd = socket(AF_UNIX, request->type | SOCK_CLOEXEC | (request->nonblocking ? SOCK_NONBLOCK : 0), 0);
  if (fd < 0) {
    troubled(trouble, errno, "socket", place->text, place->name);
    return -1;
  }
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) troubled(trouble, errno, "bind", place->text, place->name);
  else if (request->backlog >= 0 && listen(fd, request->backlog) != 0) troubled(trouble, errno, "listen", place->text, place->name);
  else if (open_to(place, request->mode, answer)) return fd;
  close(fd);
  return -1;
}

/* bind: path, type, backlog (−1: no listen(2)), nonblocking, mode. */
void file_bind(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  answer->fd = bind_socket(request, &place, answer);
  place_leave(&place);
}

/* mode: path, file, mode. */
void file_mode(const struct file_request *request, struct file_answer *answer) {
  struct place place;
  struct stat found;
  if (!reach(request, KEEP_LINK, &place, answer)) return;
  int fd = open_path(&place, place.name, &found, &answer->trouble);
  if (fd >= 0) {
    if (is_expected(request, &found, &place, answer) && !set_mode(&place, fd, request->mode)) {
      troubled(&answer->trouble, errno, "chmod", place.text, place.name);
    }
    close(fd);
  }
  place_leave(&place);
}
