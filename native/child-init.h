#ifndef SUPERD_CHILD_INIT_H
#define SUPERD_CHILD_INIT_H

/* The body of a cloned child: executes the program of the given `struct start`, or stores step and errno in it and exits 127. */
int child_init(void *start);

#endif
