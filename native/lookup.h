#ifndef SUPERD_LOOKUP_H
#define SUPERD_LOOKUP_H

#include <errno.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A question and its answer. Filled on the loop's thread, answered on a thread of libuv's pool, read on the loop's thread. */
struct question {
  const struct question_kind *kind;
  char *name;    /* NULL for a question by number */
  int64_t number; /* groups-of-user: the gid */
  char *protocol; /* netgroup: the host */

  bool known;
  int failure; /* errno of a name service that has not answered; 0 when it has */
  char *found_name;
  int64_t found_number, found_group;
  char *text[2]; /* user: directory, shell; service: protocol; network: address */
  gid_t *groups;
  int group_count;
  char **addresses; /* NULL-terminated */
};

struct question_kind {
  const char *name;
  void (*answer)(struct question *question);
  void (*write)(napi_env env, napi_value object, const struct question *question);
};

/*
 * Calls a reentrant getX_r with a growing buffer. `call` is an expression that uses `room` and `size`; its value is 0 or an errno.
 * Gives up at a megabyte, more than a real entry needs.
 */
#define WITH_ROOM(room, size, result, call)                          \
  do {                                                               \
    size_t size = 1024;                                              \
    room = NULL;                                                     \
    do {                                                             \
      char *larger = realloc(room, size *= 2);                       \
      if (larger == NULL) abort();                                   \
      room = larger;                                                 \
      result = (call);                                               \
    } while (result == ERANGE && size < 1024 * 1024);                \
  } while (0)

/* What getpwnam(3) and its kind answer for an entry that does not exist; any other error means that the name service has not answered. */
static inline bool is_unknown(int result) {
  return result == 0 || result == ENOENT || result == ESRCH || result == EBADF || result == EPERM;
}

/* Records the result of getpwnam_r(3) and its kind for an entry that was not found. */
static inline void note_absence(struct question *question, int result) {
  if (!is_unknown(result)) question->failure = result;
}

void answer_user(struct question *question);
void answer_group(struct question *question);
void answer_groups_of_user(struct question *question);
void answer_service(struct question *question);
void answer_protocol(struct question *question);
void answer_rpc(struct question *question);
void answer_network(struct question *question);
void answer_addresses(struct question *question);
void answer_netgroup(struct question *question);

napi_value look_up(napi_env env, napi_callback_info info);

#endif
