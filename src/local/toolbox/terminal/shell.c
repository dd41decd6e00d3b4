#include "pty.h"
#include "as.h"
#include "toolbox/process/spawn.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define READ_SIZE ((size_t)32 << 10)
#define STACK_SIZE ((size_t)256 << 10)

/* What was written before the shell ended is read to the end of the terminal,
 * which comes at once; unless a background process keeps it open. Then the
 * first silence ends it, or more than the kernel can have held back. */
#define SILENCE_MS 100
#define HELD_BACK ((size_t)1 << 20)

/* How often a terminal that nobody has open is looked at again. */
#define CLOSED_MS 200

#define OVERTAKES_MS 20

int dl_pty_shell_size(int master, unsigned cols, unsigned rows) {
  struct winsize size = {(unsigned short)rows, (unsigned short)cols, 0, 0};
  return ioctl(master, TIOCSWINSZ, &size) ? errno : 0;
}

/* A new terminal. Its other side's path goes to `path`. Returns the
 * descriptor, or -1 with errno. */
static int open_terminal(const dl_pty *pty, char *path, size_t size) {
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), saved;
  if (master < 0)
    return -1;
  struct termios mode;
  if (grantpt(master) == 0 && unlockpt(master) == 0 &&
      (errno = ptsname_r(master, path, size)) == 0 &&
      tcgetattr(master, &mode) == 0) {
    /* Erasing takes a whole character away. */
    mode.c_iflag |= IUTF8;
    if (tcsetattr(master, TCSANOW, &mode) == 0 &&
        (errno = dl_pty_shell_size(master, pty->cols, pty->rows)) == 0 &&
        fcntl(master, F_SETFL, O_NONBLOCK) == 0)
      return master;
  }
  saved = errno;
  close(master);
  errno = saved;
  return -1;
}

/* Reads until the shell has ended and all that it wrote is read. */
static void pump(dl_pty *pty) {
  static unsigned terminals;
  char data[READ_SIZE];
  bool exited = false, closed = false;
  size_t late = 0;
  /* Whether the end overtakes what was written last, see dl_as. */
  bool loses = dl_as_hits((dl_as_now()->lost_one_in + 2) / 3, &terminals);
  while (!exited || (!closed && late < HELD_BACK)) {
    struct pollfd fds[2] = {{closed ? -1 : pty->master, POLLIN, 0},
                            {exited ? -1 : pty->child.exit_fd, POLLIN, 0}};
    int wait = exited ? SILENCE_MS : closed ? CLOSED_MS : -1;
    int n = poll(fds, 2, wait);
    if (n == 0 && exited)
      return;
    if (n == 0)
      closed = false;
    if (n > 0 && fds[1].revents) {
      exited = true;
      closed = false;
    }
    if (loses && n > 0 && fds[0].revents) {
      struct pollfd end = {pty->child.exit_fd, POLLIN, 0};
      if (poll(&end, 1, OVERTAKES_MS) > 0)
        return;
    }
    if (n > 0 && fds[0].revents) {
      ssize_t got = read(pty->master, data, sizeof data);
      if (got > 0) {
        dl_pty_show(pty, data, (size_t)got);
        late += exited ? (size_t)got : 0;
      }
      else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        closed = true;
    }
  }
}

static void *watch(void *arg) {
  dl_pty *pty = arg;
  dl_pty_wait_held(pty);
  pump(pty);
  dl_pty_end(pty, dl_children_status(&pty->child));
  dl_pty_unref(pty);
  return NULL;
}

static int start_watch(dl_pty *pty) {
  pty->refs++;
  int error = dl_thread_start(watch, pty, STACK_SIZE);
  if (error)
    pty->refs--;
  return error;
}

/* Ends a shell that no thread looks after. */
static void end_unwatched(dl_pty *pty) {
  struct pollfd end = {pty->child.exit_fd, POLLIN, 0};
  dl_children_end(&pty->child, 0, false);
  while (poll(&end, 1, -1) <= 0)
    ;
  dl_children_status(&pty->child);
}

/* Starts the shell of a terminal that has none, and the thread that reads what
 * it writes. The lock is held. 0, or an errno value. */
int dl_pty_shell_start(dl_pty *pty) {
  const char *argv[] = {pty->toolbox->shell, "-i", "-l", NULL};
  char path[64];
  dl_spawn plan = {argv, NULL, pty->cwd, {-1, -1, -1, -1}, path};
  char **env = dl_env_list(pty->toolbox->env, pty->envs);
  int error, master = env ? open_terminal(pty, path, sizeof path) : -1;
  if (master < 0) {
    error = env ? errno : ENOMEM;
    dl_env_list_free(env);
    return error;
  }
  plan.env = env;
  error = dl_children_spawn(&pty->child, dl_spawn_start, &plan);
  dl_env_list_free(env);
  if (error == 0) {
    error = start_watch(pty);
    if (error)
      end_unwatched(pty);
  }
  if (error)
    close(master);
  else
    pty->master = master;
  return error;
}
