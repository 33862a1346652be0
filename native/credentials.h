#ifndef SUPERD_CREDENTIALS_H
#define SUPERD_CREDENTIALS_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The user whom a program or a connection acts as, with its groups. `given` is false for superd's own. */
struct credentials {
  bool given;
  uid_t uid;
  gid_t gid;
  gid_t *groups;
  size_t group_count;
};

/* Reads `credentials` of an object: null, or { uid, gid, groups }. False with an exception pending. */
bool read_credentials(napi_env env, napi_value spec, struct credentials *out);
void credentials_free(struct credentials *credentials);

#endif
