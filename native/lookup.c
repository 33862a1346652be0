#include "lookup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "values.h"

static void write_user(napi_env env, napi_value object, const struct question *question) {
  set_string(env, object, "name", question->found_name);
  set_int(env, object, "uid", question->found_number);
  set_int(env, object, "gid", question->found_group);
  set_string(env, object, "directory", question->text[0]);
  set_string(env, object, "shell", question->text[1]);
}

static void write_group(napi_env env, napi_value object, const struct question *question) {
  set_string(env, object, "name", question->found_name);
  set_int(env, object, "gid", question->found_number);
}

static void write_groups_of_user(napi_env env, napi_value object, const struct question *question) {
  napi_value gids;
  napi_create_array_with_length(env, (size_t)question->group_count, &gids);
  for (int i = 0; i < question->group_count; i++) napi_set_element(env, gids, (uint32_t)i, make_int(env, question->groups[i]));
  napi_set_named_property(env, object, "gids", gids);
}

static void write_service(napi_env env, napi_value object, const struct question *question) {
  set_string(env, object, "name", question->found_name);
  set_int(env, object, "port", question->found_number);
  set_string(env, object, "protocol", question->text[0]);
}

static void write_number(napi_env env, napi_value object, const struct question *question) {
  set_string(env, object, "name", question->found_name);
  set_int(env, object, "number", question->found_number);
}

static void write_name(napi_env env, napi_value object, const struct question *question) {
  set_string(env, object, "name", question->found_name);
}

static void write_network(napi_env env, napi_value object, const struct question *question) {
  set_string(env, object, "name", question->found_name);
  set_string(env, object, "address", question->text[0]);
}

static void write_addresses(napi_env env, napi_value object, const struct question *question) {
  napi_value addresses;
  napi_create_array(env, &addresses);
  for (uint32_t i = 0; question->addresses[i] != NULL; i++) {
    napi_value text;
    napi_create_string_utf8(env, question->addresses[i], NAPI_AUTO_LENGTH, &text);
    napi_set_element(env, addresses, i, text);
  }
  napi_set_named_property(env, object, "addresses", addresses);
}

static const struct question_kind kinds[] = {
  {"user", answer_user, write_user},
  {"group", answer_group, write_group},
  {"groups-of-user", answer_groups_of_user, write_groups_of_user},
  {"service", answer_service, write_service},
  {"protocol", answer_protocol, write_number},
  {"rpc", answer_rpc, write_number},
  {"network", answer_network, write_network},
  {"addresses", answer_addresses, write_addresses},
  {"netgroup", answer_netgroup, write_name},
};

struct look_up {
  napi_async_work work;
  napi_deferred deferred;
  uint32_t count;
  struct question questions[];
};

static void free_question(struct question *question) {
  free(question->name);
  free(question->protocol);
  free(question->found_name);
  free(question->text[0]);
  free(question->text[1]);
  free(question->groups);
  for (char **address = question->addresses; address != NULL && *address != NULL; address++) free(*address);
  free(question->addresses);
}

static void free_look_up(struct look_up *look_up) {
  for (uint32_t i = 0; i < look_up->count; i++) free_question(&look_up->questions[i]);
  free(look_up);
}

static bool read_kind(napi_env env, napi_value value, struct question *question) {
  char *name;
  if (!read_string(env, value, &name)) return false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(name, kinds[i].name) == 0) question->kind = &kinds[i];
  }
  free(name);
  if (question->kind == NULL) misuse(env, "a known kind of question is wanted");
  return question->kind != NULL;
}

static bool read_question(napi_env env, napi_value array, struct question *question) {
  napi_value kind, subject, detail;
  napi_valuetype type;
  uint32_t length;
  double number = 0;
  if (!read_array_length(env, array, &length)) return false;
  napi_get_element(env, array, 0, &kind);
  napi_get_element(env, array, 1, &subject);
  if (!read_kind(env, kind, question)) return false;
  napi_typeof(env, subject, &type);
  if (type == napi_number ? !read_double(env, subject, &number) : !read_string(env, subject, &question->name)) return false;
  question->number = (int64_t)number;
  if (length < 3) return true;
  napi_get_element(env, array, 2, &detail);
  napi_typeof(env, detail, &type);
  if (type != napi_number) return read_string(env, detail, &question->protocol);
  if (!read_double(env, detail, &number)) return false;
  question->number = (int64_t)number;
  return true;
}

static void answer_all(napi_env env, void *data) {
  (void)env;
  struct look_up *look_up = data;
  for (uint32_t i = 0; i < look_up->count; i++) look_up->questions[i].kind->answer(&look_up->questions[i]);
}

static void resolve(napi_env env, napi_status status, void *data) {
  struct look_up *look_up = data;
  napi_value answers;
  napi_create_array_with_length(env, look_up->count, &answers);
  for (uint32_t i = 0; i < look_up->count; i++) {
    const struct question *question = &look_up->questions[i];
    napi_value answer = make_null(env);
    if (status == napi_ok && question->known) {
      napi_create_object(env, &answer);
      set_string(env, answer, "kind", question->kind->name);
      (question->kind->write)(env, answer, question);
    } else if (status == napi_ok && question->failure != 0) {
      napi_create_object(env, &answer);
      set_string(env, answer, "kind", "unanswered");
      set_int(env, answer, "errno", question->failure);
    }
    napi_set_element(env, answers, i, answer);
  }
  napi_resolve_deferred(env, look_up->deferred, answers);
  napi_delete_async_work(env, look_up->work);
  free_look_up(look_up);
}

/* lookUp(questions) */
napi_value look_up(napi_env env, napi_callback_info info) {
  napi_value array, name, promise;
  uint32_t count;
  read_arguments(env, info, 1, &array, NULL);
  if (!read_array_length(env, array, &count)) return NULL;
  struct look_up *look_up = calloc(1, sizeof *look_up + count * sizeof look_up->questions[0]);
  if (look_up == NULL) return fail(env, ENOMEM, "malloc");
  look_up->count = count;
  for (uint32_t i = 0; i < count; i++) {
    napi_value question;
    napi_get_element(env, array, i, &question);
    if (!read_question(env, question, &look_up->questions[i])) {
      free_look_up(look_up);
      return NULL;
    }
  }
  napi_create_promise(env, &look_up->deferred, &promise);
  napi_create_string_utf8(env, "superd.lookUp", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, answer_all, resolve, look_up, &look_up->work);
  napi_queue_async_work(env, look_up->work);
  return promise;
}
