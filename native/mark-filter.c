#include "mark-filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdint.h>
#include <sys/socket.h>

#include "errors.h"
#include "values.h"

enum { FLAGS_OF_TCP = 13, FIN_SYN_RST_ACK = 0x17, SYN = 0x02 };

/*
 * acceptOnlyMarked(fd, mark). The filter sees a segment from its TCP header on (RFC 9293); the loopback interface keeps the mark. For TCP
 * it tests only the first segment of a connection, because accepted sockets inherit the filter and the resets that the kernel sends for
 * a closed socket have no mark. For UDP it tests each datagram.
 */
napi_value accept_only_marked(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  int fd, mark;
  read_arguments(env, info, 2, arguments, NULL);
  if (!read_int(env, arguments[0], &fd) || !read_int(env, arguments[1], &mark)) return NULL;
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_OF_TCP),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, FIN_SYN_RST_ACK),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYN, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)mark, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  enum { TCP_STATEMENTS = 3 };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  int type;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return fail(env, errno, "getsockopt");
  if (type == SOCK_DGRAM) {
    program.filter += TCP_STATEMENTS;
    program.len -= TCP_STATEMENTS;
  }
  /* Without the right to set SO_MARK superd would lock itself out. */
  int none = 0;
  if (setsockopt(fd, SOL_SOCKET, SO_MARK, &none, sizeof none) != 0) {
    if (errno == EPERM) return make_bool(env, false);
    return fail(env, errno, "setsockopt");
  }
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) return fail(env, errno, "setsockopt");
  return make_bool(env, true);
}
