/*
 * Asks the installed libwrap. One JSON object per line on standard input:
 *
 *   {"allow": "<text of hosts.allow>", "deny": "<text of hosts.deny>",
 *    "request": {"daemon","address","hostname","user","server_address","server_hostname"[,"server_port"][,"client_port"]}}
 *
 * and one line each on standard output:
 *
 *   {"verdict":"allow"|"deny"|"twist"|"exit"|"crash","log":[..],"commands":[..][,"twist":".."]}
 *
 * Every row is decided in a forked child of its own, so that nothing leaks from one into the next. syslog(), sleep() and
 * execl() of the library are intercepted: nothing is logged, nothing sleeps, a "twist" is seen instead of replacing the
 * process, and no command runs: one that contains "false" is taken to fail.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <syslog.h>
#include <tcpd.h>
#include <unistd.h>

int allow_severity = LOG_INFO;
int deny_severity = LOG_WARNING;

/* ------------------------------------------------------------------ */
/* Report channel between the child and the parent: records "Xlen\n..." */

static int report_fd = -1;
static pid_t eval_pid_no = 0;

static void report(char kind, const char *text)
{
	char head[32];
	size_t n = strlen(text);

	if (report_fd < 0)
		return;
	int h = snprintf(head, sizeof head, "%c%zu\n", kind, n);
	if (write(report_fd, head, (size_t)h) < 0 || write(report_fd, text, n) < 0)
		_exit(99);
}

static void report_log(const char *fmt, va_list ap)
{
	char buf[16384];

	vsnprintf(buf, sizeof buf, fmt, ap);	/* glibc understands %m here */
	report('L', buf);
}

/* Interposed libc entry points (the dynamic linker resolves libwrap's
 * references to these first). */

void syslog(int pri, const char *fmt, ...)
{
	va_list ap;
	(void)pri;
	va_start(ap, fmt);
	report_log(fmt, ap);
	va_end(ap);
}

void __syslog_chk(int pri, int flag, const char *fmt, ...)
{
	va_list ap;
	(void)pri; (void)flag;
	va_start(ap, fmt);
	report_log(fmt, ap);
	va_end(ap);
}

void vsyslog(int pri, const char *fmt, va_list ap)
{
	(void)pri;
	report_log(fmt, ap);
}

void __vsyslog_chk(int pri, int flag, const char *fmt, va_list ap)
{
	(void)pri; (void)flag;
	report_log(fmt, ap);
}

unsigned int sleep(unsigned int s)
{
	char b[32];
	snprintf(b, sizeof b, "%u", s);
	report('S', b);
	return 0;
}

int execl(const char *path, const char *arg0, ...)
{
	va_list ap;
	const char *opt, *cmd;

	va_start(ap, arg0);
	opt = va_arg(ap, const char *);
	cmd = va_arg(ap, const char *);
	va_end(ap);
	(void)opt;
	if (getpid() == eval_pid_no) {	/* not in a forked helper: a twist */
		report('T', cmd);
		_exit(0);
	}
	report('C', cmd);
	(void)path;
	_exit(strstr(cmd, "false") != NULL);
}

/* ------------------------------------------------------------------ */
/* A very small JSON reader: flattens one object to path -> string.    */

struct kv { char *path; char *val; size_t len; int isnull; };
static struct kv *kvs;
static size_t nkv, capkv;

static void kv_reset(void)
{
	for (size_t i = 0; i < nkv; i++) {
		free(kvs[i].path);
		free(kvs[i].val);
	}
	nkv = 0;
}

static void kv_add(const char *path, const char *val, size_t len, int isnull)
{
	if (nkv == capkv) {
		capkv = capkv ? capkv * 2 : 32;
		kvs = realloc(kvs, capkv * sizeof *kvs);
	}
	kvs[nkv].path = strdup(path);
	kvs[nkv].val = malloc(len + 1);
	memcpy(kvs[nkv].val, val, len);
	kvs[nkv].val[len] = 0;
	kvs[nkv].len = len;
	kvs[nkv].isnull = isnull;
	nkv++;
}

static const struct kv *kv_get(const char *path)
{
	for (size_t i = 0; i < nkv; i++)
		if (strcmp(kvs[i].path, path) == 0)
			return kvs[i].isnull ? NULL : &kvs[i];
	return NULL;
}

static const char *str_or(const char *path, const char *dflt)
{
	const struct kv *k = kv_get(path);
	return k ? k->val : dflt;
}

static const char *jp;
static void bad(const char *why)
{
	fprintf(stderr, "oracle: bad JSON: %s near: %.40s\n", why, jp);
	exit(2);
}
static void ws(void) { while (*jp && isspace((unsigned char)*jp)) jp++; }

static unsigned hex4(void)
{
	unsigned v = 0;
	for (int i = 0; i < 4; i++, jp++) {
		int c = (unsigned char)*jp;
		if (!isxdigit(c))
			bad("\\u");
		v = v * 16 + (unsigned)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	return v;
}

/* parse a string; result is malloc'ed UTF-8, may hold NUL bytes */
static char *jstring(size_t *len)
{
	size_t cap = 64, n = 0;
	char *out = malloc(cap);

	if (*jp++ != '"')
		bad("string expected");
	while (*jp != '"') {
		unsigned cp;
		if (n + 8 > cap)
			out = realloc(out, cap *= 2);
		if (!*jp)
			bad("unterminated string");
		if (*jp != '\\') {
			out[n++] = *jp++;
			continue;
		}
		jp++;
		switch (*jp++) {
		case 'n': out[n++] = '\n'; break;
		case 't': out[n++] = '\t'; break;
		case 'r': out[n++] = '\r'; break;
		case 'b': out[n++] = '\b'; break;
		case 'f': out[n++] = '\f'; break;
		case '/': out[n++] = '/'; break;
		case '\\': out[n++] = '\\'; break;
		case '"': out[n++] = '"'; break;
		case 'u':
			cp = hex4();
			if (cp >= 0xd800 && cp < 0xdc00 && jp[0] == '\\' && jp[1] == 'u') {
				jp += 2;
				unsigned lo = hex4();
				cp = 0x10000 + ((cp - 0xd800) << 10) + (lo - 0xdc00);
			}
			if (cp < 0x80) {
				out[n++] = (char)cp;
			} else if (cp < 0x800) {
				out[n++] = (char)(0xc0 | cp >> 6);
				out[n++] = (char)(0x80 | (cp & 63));
			} else if (cp < 0x10000) {
				out[n++] = (char)(0xe0 | cp >> 12);
				out[n++] = (char)(0x80 | (cp >> 6 & 63));
				out[n++] = (char)(0x80 | (cp & 63));
			} else {
				out[n++] = (char)(0xf0 | cp >> 18);
				out[n++] = (char)(0x80 | (cp >> 12 & 63));
				out[n++] = (char)(0x80 | (cp >> 6 & 63));
				out[n++] = (char)(0x80 | (cp & 63));
			}
			break;
		default:
			bad("escape");
		}
	}
	jp++;
	out[n] = 0;
	*len = n;
	return out;
}

static void jvalue(const char *path);

static void jobject(const char *path)
{
	jp++;
	ws();
	if (*jp == '}') { jp++; return; }
	for (;;) {
		size_t kl;
		ws();
		char *key = jstring(&kl);
		char *sub;
		if (asprintf(&sub, "%s%s%s", path, *path ? "." : "", key) < 0)
			exit(2);
		ws();
		if (*jp++ != ':')
			bad("':' expected");
		jvalue(sub);
		free(sub);
		free(key);
		ws();
		if (*jp == ',') { jp++; continue; }
		if (*jp == '}') { jp++; return; }
		bad("',' or '}' expected");
	}
}

static void jvalue(const char *path)
{
	ws();
	if (*jp == '"') {
		size_t n;
		char *s = jstring(&n);
		kv_add(path, s, n, 0);
		free(s);
	} else if (*jp == '{') {
		jobject(path);
	} else if (*jp == '[') {	/* arrays are skipped (side car data) */
		jp++;
		ws();
		while (*jp != ']') {
			jvalue("");
			ws();
			if (*jp == ',')
				jp++;
			ws();
		}
		jp++;
	} else {
		const char *s = jp;
		while (*jp && !strchr(",}] \t\r\n", *jp))
			jp++;
		size_t n = (size_t)(jp - s);
		kv_add(path, s, n, n == 4 && strncmp(s, "null", 4) == 0);
	}
}

/* ------------------------------------------------------------------ */

static void put_json(FILE *f, const char *s, size_t n)
{
	fputc('"', f);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", f);
		else if (c == '\t')
			fputs("\\t", f);
		else if (c == '\r')
			fputs("\\r", f);
		else if (c < 32)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

/* Place a table text in an anonymous file; return a path to it. */
static int table_fd(const char *key)
{
	const struct kv *k = kv_get(key);
	if (!k)
		return -1;
	int fd = memfd_create(key, MFD_CLOEXEC);
	if (fd < 0 || write(fd, k->val, k->len) != (ssize_t)k->len) {
		perror("oracle: memfd");
		exit(2);
	}
	return fd;
}

static void fill_sin(struct sockaddr_storage *ss, const char *addr, int port)
{
	struct sockaddr_in *s4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof *ss);
	if (inet_pton(AF_INET6, addr, &s6->sin6_addr) == 1) {
		s6->sin6_family = AF_INET6;
		s6->sin6_port = htons((uint16_t)port);
	} else {
		memset(ss, 0, sizeof *ss);
		s4->sin_family = AF_INET;
		inet_pton(AF_INET, addr, &s4->sin_addr);
		s4->sin_port = htons((uint16_t)port);
	}
}

static void child(char *apath, char *dpath, int outfd)
{
	struct request_info req;
	static struct sockaddr_storage ssrv, scli;
	int verdict = 0;

	eval_pid_no = getpid();
	alarm(20);
	int nul = open("/dev/null", O_RDWR);	/* aclexec commands inherit these */
	dup2(nul, 0);
	dup2(nul, 1);
	dup2(nul, 2);
	hosts_allow_table = apath;
	hosts_deny_table = dpath;

	request_init(&req, RQ_FILE, outfd, 0);
	if (kv_get("request.daemon"))
		request_set(&req, RQ_DAEMON, str_or("request.daemon", ""), 0);
	request_set(&req,
		    RQ_USER, str_or("request.user", ""),
		    RQ_CLIENT_NAME, str_or("request.hostname", ""),
		    RQ_CLIENT_ADDR, str_or("request.address", ""),
		    RQ_SERVER_NAME, str_or("request.server_hostname", ""),
		    RQ_SERVER_ADDR, str_or("request.server_address", ""),
		    0);
	if (kv_get("request.server_port")) {
		fill_sin(&ssrv, str_or("request.server_address", ""),
			 atoi(str_or("request.server_port", "0")));
		req.server->sin = (void *)&ssrv;
	}
	if (kv_get("request.client_port")) {	/* only for %r; never both + ident */
		fill_sin(&scli, str_or("request.address", ""),
			 atoi(str_or("request.client_port", "0")));
		req.client->sin = (void *)&scli;
		if (req.user[0] == 0)		/* keep ident out of it */
			strcpy(req.user, "unknown");
	}
	verdict = hosts_access(&req);
	report('V', verdict ? "allow" : "deny");
	_exit(0);
}

static void sb_add(char **b, size_t *n, const char *s, size_t l)
{
	*b = realloc(*b, *n + l + 1);
	memcpy(*b + *n, s, l);
	*n += l;
	(*b)[*n] = 0;
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	while (getline(&line, &cap, stdin) > 0) {
		jp = line;
		ws();
		if (*jp == 0)
			continue;
		kv_reset();
		if (*jp != '{')
			bad("object expected");
		jobject("");

		int afd = table_fd("allow"), dfd = table_fd("deny");
		char ap[512], dp[512];
		snprintf(ap, sizeof ap, "/nonexistent/hosts.allow");
		snprintf(dp, sizeof dp, "/nonexistent/hosts.deny");
		if (afd >= 0) snprintf(ap, sizeof ap, "/proc/self/fd/%d", afd);
		if (dfd >= 0) snprintf(dp, sizeof dp, "/proc/self/fd/%d", dfd);

		int pfd[2], ofd = memfd_create("out", MFD_CLOEXEC);
		if (pipe2(pfd, O_CLOEXEC) < 0) { perror("pipe"); return 2; }
		fflush(stdout);
		pid_t pid = fork();
		if (pid < 0) { perror("fork"); return 2; }
		if (pid == 0) {
			close(pfd[0]);
			report_fd = fcntl(pfd[1], F_DUPFD_CLOEXEC, 100);
			close(pfd[1]);
			child(ap, dp, ofd);
		}
		close(pfd[1]);
		char *msg = NULL;
		size_t nmsg = 0;
		char buf[65536];
		ssize_t r;
		while ((r = read(pfd[0], buf, sizeof buf)) > 0)
			sb_add(&msg, &nmsg, buf, (size_t)r);
		close(pfd[0]);
		int status;
		waitpid(pid, &status, 0);

		/* digest the records */
		const char *verdict = WIFSIGNALED(status) ? "crash" : "exit";
		char vbuf[16], *tw = NULL;
		char *js = NULL; size_t njs = 0; FILE *jf = open_memstream(&js, &njs);
		char *cs = NULL; size_t ncs = 0; FILE *cf = open_memstream(&cs, &ncs);
		int nl = 0, nc = 0;
		for (size_t p = 0; p < nmsg;) {
			char kind = msg[p++];
			size_t len = strtoul(msg + p, NULL, 10);
			while (msg[p] != '\n') p++;
			p++;
			if (kind == 'V') {
				snprintf(vbuf, sizeof vbuf, "%.*s", (int)len, msg + p);
				verdict = vbuf;
			} else if (kind == 'T') {
				verdict = "twist";
				tw = strndup(msg + p, len);
			} else if (kind == 'L' || kind == 'S') {
				if (nl++) fputc(',', jf);
				if (kind == 'S') {
					char b[64];
					int k = snprintf(b, sizeof b, "(sleep %.*s)", (int)len, msg + p);
					put_json(jf, b, (size_t)k);
				} else
					put_json(jf, msg + p, len);
			} else if (kind == 'C') {
				if (nc++) fputc(',', cf);
				put_json(cf, msg + p, len);
			}
			p += len;
		}
		fclose(jf);
		fclose(cf);
		printf("{\"verdict\":\"%s\",\"log\":[%s],\"commands\":[%s]", verdict, js, cs);
		if (tw) { printf(",\"twist\":"); put_json(stdout, tw, strlen(tw)); }
		printf("}\n");
		fflush(stdout);
		free(js); free(cs); free(msg); free(tw);
		if (afd >= 0) close(afd);
		if (dfd >= 0) close(dfd);
		close(ofd);
	}
	return 0;
}
