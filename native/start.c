#include "start.h"

#include <stdlib.h>
#include <unistd.h>

#include "children.h"
#include "linger.h"
#include "program.h"

void start_free(struct start *start) {
  if (start->group >= 0) close(start->group);
  program_release(start->program);
  free_strings(start->extra);
  free(start->environment);
  free(start->fds);
  free(start->child_fds);
  free(start);
}

void start_close_fds(const struct start *start) {
  for (int i = 0; i < start->fd_count; i++) {
    bool first = start->kept == NULL || start->fds[i] != start->fds[0];
    for (int j = 0; j < i; j++) first = first && start->fds[j] != start->fds[i];
    if (first && start->fds[i] >= 3) close(start->fds[i]);
  }
}

bool start_keeps_fds(const struct start *start) {
  return start->keep_unstarted && start->step == STEP_CLONE;
}

void start_drop(struct loop *loop, struct start *start) {
  if (start->child != NULL) child_free(loop, start->child);
  else if (start->pidfd >= 0) close(start->pidfd);
  if (start->kept != NULL) keeper_server_ended(start->keeper, start->kept);
  start_free(start);
}
