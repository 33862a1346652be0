#ifndef SUPERD_CLONE_H
#define SUPERD_CLONE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Like clone(2) with CLONE_VM, CLONE_VFORK and CLONE_PIDFD, for a child that is born into a control group (cgroup v2). `group` is a
 * descriptor of the group's directory. Returns the pid, or −errno: kernels before 5.7, some sandboxes and other architectures lack it.
 */
long clone_into(int group, int (*run)(void *), char *stack, size_t size, void *argument, int *pidfd);

#endif
