#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

void answer_user(struct question *question) {
  struct passwd entry, *found = NULL;
  char *room;
  int result;
  WITH_ROOM(room, size, result,
            question->name != NULL ? getpwnam_r(question->name, &entry, room, size, &found)
                                   : getpwuid_r((uid_t)question->number, &entry, room, size, &found));
  if (result == 0 && found != NULL) {
    question->known = true;
    question->found_name = strdup(entry.pw_name);
    question->found_number = entry.pw_uid;
    question->found_group = entry.pw_gid;
    question->text[0] = strdup(entry.pw_dir);
    question->text[1] = strdup(entry.pw_shell);
  } else {
    note_absence(question, result);
  }
  free(room);
}

void answer_group(struct question *question) {
  struct group entry, *found = NULL;
  char *room;
  int result;
  WITH_ROOM(room, size, result,
            question->name != NULL ? getgrnam_r(question->name, &entry, room, size, &found)
                                   : getgrgid_r((gid_t)question->number, &entry, room, size, &found));
  if (result == 0 && found != NULL) {
    question->known = true;
    question->found_name = strdup(entry.gr_name);
    question->found_number = entry.gr_gid;
  } else {
    note_absence(question, result);
  }
  free(room);
}

/* For an unknown user getgrouplist(3) returns the given gid alone, which is right, so the answer is always known. */
void answer_groups_of_user(struct question *question) {
  int room = 32, count;
  do {
    gid_t *larger = realloc(question->groups, (size_t)(room *= 2) * sizeof *larger);
    if (larger == NULL) abort();
    question->groups = larger;
    count = room;
  } while (getgrouplist(question->name == NULL ? "" : question->name, (gid_t)question->number, question->groups, &count) < 0 &&
           room < 65536);
  question->group_count = count < room ? count : room;
  question->known = true;
}
