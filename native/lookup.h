#ifndef SUPERD_LOOKUP_H
#define SUPERD_LOOKUP_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A question and what was found. Filled from JavaScript, answered on a thread of the pool, read on the loop's thread again. */
struct question {
  const struct question_kind *kind;
  char *name;    /* NULL when asked by number */
  int64_t number; /* … or the gid of groups-of-user */
  char *protocol; /* … or the host of netgroup */

  bool known;
  char *found_name;
  int64_t found_number, found_group;
  char *text[2]; /* user: directory, shell; service: protocol; network: address */
  gid_t *groups;
  int group_count;
  char **addresses; /* ends in NULL */
};

struct question_kind {
  const char *name;
  void (*answer)(struct question *question);
  void (*write)(napi_env env, napi_value object, const struct question *question);
};

/*
 * Calls a reentrant getX_r with growing room: `call` sees `room` and `size`, and is an expression with the errno result.
 * Gives up at a megabyte, which no honest entry needs.
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
