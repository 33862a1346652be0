#ifndef SUPERD_FILE_THREADS_H
#define SUPERD_FILE_THREADS_H

#include <stdbool.h>

#include "file-operations.h"

/* The finished jobs of one JavaScript environment. `wake` tells its loop about them. All but `wake` is used under the lock. */
struct mailbox {
  struct mailbox *next;
  struct file_job *done, **done_end;
  void (*wake)(struct mailbox *mailbox);
  bool wake_wanted;
};

/* One operation under way. Created and freed on the loop's thread; in between a file thread owns it. */
struct file_job {
  struct file_job *next;
  struct file_request request;
  struct file_answer answer;
  const struct operation *operation;
  struct mailbox *mailbox;
  bool done;
};

void mailbox_open(struct mailbox *mailbox);
/* The answers of jobs under way are dropped. */
void mailbox_close(struct mailbox *mailbox);
/* Takes the first job that is done, or `wanted` if it is; NULL when there is none. */
struct file_job *mailbox_take(struct mailbox *mailbox, const struct file_job *wanted);

/* 0 or an errno; then nothing has been queued. */
int file_threads_queue(struct file_job *job);
/* Waits until the job is done, for so long at most; whether it is. */
bool file_threads_wait(struct file_job *job, double milliseconds);
/* Runs a function on a thread with the process's descriptor table, and waits for its end. */
void file_threads_ask(void (*run)(void *argument), void *argument);

#endif
