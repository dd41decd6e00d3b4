#include "terminal.h"

#include <stdbool.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "class.h"

/* What ends a process and lets itself be handled. */
static const int deadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGSEGV,
                             SIGABRT, SIGBUS,  SIGFPE,  SIGILL,  SIGPIPE,
                             SIGALRM, SIGUSR1, SIGUSR2, SIGSYS,  SIGXCPU};
enum { DEADLY = sizeof deadly / sizeof deadly[0] };

/* The one that is raw.  A signal handler can see nothing but a static. */
static struct {
  volatile sig_atomic_t is_raw;
  pid_t process; /* a child of a fork leaves the terminal alone */
  int fd;
  struct termios saved;
  struct sigaction handlers[DEADLY]; /* those before ours */
} raw;

/* Only what a signal handler may call. */
static void restore_mode(void) {
  int error = errno;
  if (raw.is_raw && raw.process == getpid()) {
    raw.is_raw = 0;
    tcsetattr(raw.fd, TCSANOW, &raw.saved);
  }
  errno = error;
}

/* Puts the terminal right, and lets the signal do what it would have done. */
static void on_deadly(int number) {
  restore_mode();
  for (int i = 0; i < DEADLY; i++)
    if (deadly[i] == number)
      sigaction(number, &raw.handlers[i], NULL);
  raise(number);
}

static void restore(void) {
  if (!raw.is_raw || raw.process != getpid())
    return;
  restore_mode();
  for (int i = 0; i < DEADLY; i++)
    sigaction(deadly[i], &raw.handlers[i], NULL);
}

static void handle_signals(void) {
  struct sigaction ours;
  memset(&ours, 0, sizeof ours);
  ours.sa_handler = on_deadly;
  sigemptyset(&ours.sa_mask);
  for (int i = 0; i < DEADLY; i++) {
    sigaction(deadly[i], NULL, &raw.handlers[i]);
    if (raw.handlers[i].sa_handler != SIG_IGN)
      sigaction(deadly[i], &ours, NULL);
  }
}

/* Also when the program ends by os.exit, which closes no state. */
static int restore_at_exit(void) {
  static bool is_registered;
  if (!is_registered)
    is_registered = atexit(restore) == 0;
  return is_registered;
}

typedef struct terminal {
  int fd; /* negative: restored */
} terminal;

static const dt_class terminal_class;

static terminal *check(lua_State *L) {
  terminal *t = dt_class_check(L, 1, &terminal_class);
  luaL_argcheck(L, t->fd >= 0, 1, "terminal is restored");
  return t;
}

static int fail(lua_State *L, const char *message) {
  lua_pushnil(L);
  lua_pushstring(L, message);
  return 2;
}

/* core.terminal([fd]) -> terminal in raw mode: bytes come as they are typed and
 * none has a meaning; or nil and a message.  It is put right by restore, by the
 * collector, at exit and by deadly signals; only one can be raw at a time. */
static int terminal_new(lua_State *L) {
  int fd = (int)luaL_optinteger(L, 1, STDIN_FILENO);
  struct termios mode;
  if (raw.is_raw)
    return fail(L, "the terminal is in raw mode already");
  terminal *t = dt_class_new(L, &terminal_class, sizeof *t, 0);
  t->fd = -1;
  if (!isatty(fd) || tcgetattr(fd, &raw.saved) != 0)
    return fail(L, "not a terminal");
  if (!restore_at_exit())
    return luaL_error(L, "not enough memory");
  raw.fd = fd;
  raw.process = getpid();
  handle_signals();
  raw.is_raw = 1;
  mode = raw.saved;
  cfmakeraw(&mode);
  if (tcsetattr(fd, TCSADRAIN, &mode) != 0) {
    int error = errno;
    restore();
    return fail(L, strerror(error));
  }
  t->fd = fd;
  return 1;
}

/* terminal:restore(), __gc, __close */
static int terminal_restore(lua_State *L) {
  terminal *t = dt_class_check(L, 1, &terminal_class);
  if (t->fd >= 0)
    restore();
  t->fd = -1;
  return 0;
}

/* terminal:size() -> columns, rows; nil: it does not know */
static int terminal_size(lua_State *L) {
  struct winsize size;
  if (ioctl(check(L)->fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
      size.ws_row == 0)
    return 0;
  lua_pushinteger(L, size.ws_col);
  lua_pushinteger(L, size.ws_row);
  return 2;
}

/* terminal:wait(fd, seconds) -> whether something was typed (or the terminal
 * is gone), whether 'fd' is readable.  At most a quarter of a second, so that
 * the loop around it stays interruptible. */
static int terminal_wait(lua_State *L) {
  struct pollfd fds[2] = {{.fd = check(L)->fd, .events = POLLIN},
                          {.fd = -1, .events = POLLIN}};
  double seconds = (double)luaL_checknumber(L, 3);
  if (!lua_isnil(L, 2))
    fds[1].fd = (int)luaL_checkinteger(L, 2);
  seconds = seconds < 0.25 ? seconds : 0.25;
  if (poll(fds, 2, seconds > 0 ? (int)(seconds * 1000) + 1 : 0) < 0)
    fds[0].revents = fds[1].revents = 0;
  lua_pushboolean(L, fds[0].revents != 0);
  lua_pushboolean(L, fds[1].revents != 0);
  return 2;
}

/* terminal:read() -> what was typed; nil: the terminal is gone */
static int terminal_read(lua_State *L) {
  char bytes[4096];
  ssize_t n;
  do
    n = read(check(L)->fd, bytes, sizeof bytes);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return 0;
  lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}

static const luaL_Reg functions[] = {{"terminal", terminal_new}, {NULL, NULL}};

static const luaL_Reg methods[] = {{"restore", terminal_restore},
                                   {"size", terminal_size},
                                   {"wait", terminal_wait},
                                   {"read", terminal_read},
                                   {NULL, NULL}};

static const luaL_Reg metamethods[] = {
    {"__gc", terminal_restore}, {"__close", terminal_restore}, {NULL, NULL}};

static const dt_class terminal_class = {"daytona.core.terminal"};

void dt_terminal_open(lua_State *L) {
  dt_class_open(L, &terminal_class, methods, metamethods);
  dt_setfuncs(L, functions, 0);
}
