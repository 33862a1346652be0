/*
 * The server every peer starts: one line to the client, then gone. Without any C library: the start of a static glibc program costs 0.4 ms of
 * page faults on a small virtual machine, more than what is to be measured.
 */
#if defined(__x86_64__)
#define SYS_WRITE 1
#define SYS_EXIT_GROUP 231
static long call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
#define SYS_WRITE 64
#define SYS_EXIT_GROUP 94
static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
#else
#error "system calls of this machine are not written down here"
#endif

void _start(void) {
  static const char line[] = "one line\n";
  long written = call(SYS_WRITE, 1, (long)line, sizeof line - 1);
  for (;;) call(SYS_EXIT_GROUP, written != sizeof line - 1, 0, 0);
}
