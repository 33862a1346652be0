#ifndef SUPERD_FILE_THREADS_H
#define SUPERD_FILE_THREADS_H

#include <stdbool.h>

#include "file-operations.h"

/* One operation on its way: made and freed on the loop's thread; in between it belongs to a file thread. */
struct file_job {
  struct file_job *next;
  struct file_request request;
  struct file_answer answer;
  file_operation *operation;
  bool done;
  /* Called on the file thread, under the lock of the queue, when it is done. */
  void (*on_done)(struct file_job *job);
  void *context;
};

/* 0 or an errno; then nothing has been queued. */
int file_threads_queue(struct file_job *job);
/* Waits until the job is done, for so long at most; whether it is. */
bool file_threads_wait(struct file_job *job, double milliseconds);
/* What `on_done` touches is safe between these. */
void file_threads_lock(void);
void file_threads_unlock(void);

#endif
