#ifndef SUPERD_COMPRESS_H
#define SUPERD_COMPRESS_H

#include <stdbool.h>
#include <sys/types.h>

/* True for a compressor, and for any pid while one is being started. */
bool compressor_knows(pid_t pid);

#endif
