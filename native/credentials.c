#include "credentials.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "errors.h"
#include "values.h"

static bool read_id(napi_env env, napi_value value, uint32_t *out) {
  double number;
  if (!read_double(env, value, &number)) return false;
  if (number >= 0 && number < UINT32_MAX && number == floor(number)) {
    *out = (uint32_t)number;
    return true;
  }
  misuse(env, "a uid or gid must be a whole number of 32 bits");
  return false;
}

bool read_credentials(napi_env env, napi_value spec, struct credentials *out) {
  napi_value object, uid, gid, groups;
  uint32_t count;
  napi_get_named_property(env, spec, "credentials", &object);
  if (is_null(env, object)) return true;
  if (napi_get_named_property(env, object, "uid", &uid) != napi_ok || napi_get_named_property(env, object, "gid", &gid) != napi_ok ||
      napi_get_named_property(env, object, "groups", &groups) != napi_ok) {
    misuse(env, "credentials must be an object");
    return false;
  }
  if (!read_id(env, uid, &out->uid) || !read_id(env, gid, &out->gid) || !read_array_length(env, groups, &count)) return false;
  out->groups = calloc((size_t)count + 1, sizeof *out->groups);
  if (out->groups == NULL) abort();
  for (uint32_t i = 0; i < count; i++) {
    napi_value group;
    napi_get_element(env, groups, i, &group);
    if (!read_id(env, group, &out->groups[i])) return false;
  }
  out->group_count = count;
  out->given = true;
  return true;
}

void credentials_free(struct credentials *credentials) {
  free(credentials->groups);
  *credentials = (struct credentials){0};
}
