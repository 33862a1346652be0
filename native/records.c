#include "records.h"

#include <string.h>

#include "errors.h"

struct loop *loop_of(napi_env env) {
  struct loop *loop = NULL;
  napi_get_instance_data(env, (void **)&loop);
  return loop;
}

struct loop *loop_required(napi_env env) {
  struct loop *loop = loop_of(env);
  if (loop == NULL) misuse(env, "the loop is not open");
  return loop;
}

int32_t *loop_record(struct loop *loop, int index, enum record_kind kind, int token) {
  int32_t *record = loop->records + (size_t)index * RECORD_WORDS;
  memset(record, 0, RECORD_WORDS * sizeof *record);
  record[WORD_KIND] = (int32_t)kind;
  record[WORD_TOKEN] = token;
  return record;
}

void loop_disown(struct loop *loop, int fd) {
  for (int i = 0; i < loop->batch; i++) {
    int32_t *record = loop->records + (size_t)i * RECORD_WORDS;
    if (record[WORD_KIND] == ACCEPTED && record[WORD_FD] == fd) record[WORD_VERDICT] = TAKEN;
  }
}
