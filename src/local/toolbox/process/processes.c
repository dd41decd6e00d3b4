#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads /proc/PID/stat; the name in it, which may hold anything, ends at the
 * last ")". False if the process is gone, or only waits to be reaped. */
static bool read_process(const char *pid, dl_process *out) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return false;
  char text[1024];
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0)
    return false;
  text[n] = '\0';
  char *end = strrchr(text, ')');
  out->pid = (pid_t)strtol(pid, NULL, 10);
  out->chosen = false;
  char state;
  return end &&
         sscanf(end + 1,
                " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
                "%*d %*d %*d %*d %llu",
                &state, &out->parent, &out->group, &out->session,
                &out->start) == 5 &&
         state != 'Z' && state != 'X';
}

size_t dl_processes_list(dl_process **list) {
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  size_t n = 0, cap = 0;
  *list = NULL;
  while (proc && (entry = readdir(proc))) {
    if (!isdigit((unsigned char)entry->d_name[0]))
      continue;
    if (n == cap) {
      dl_process *more = realloc(*list, (cap + 64) * sizeof *more);
      if (!more)
        break;
      *list = more;
      cap += 64;
    }
    if (read_process(entry->d_name, &(*list)[n]))
      n++;
  }
  if (proc)
    closedir(proc);
  return n;
}

static bool is_chosen(const dl_process *list, size_t n, pid_t pid) {
  for (size_t i = 0; i < n; i++) {
    if (list[i].pid == pid)
      return list[i].chosen;
  }
  return false;
}

void dl_processes_choose_descendants(dl_process *list, size_t n) {
  bool grown = true;
  while (grown) {
    grown = false;
    for (size_t i = 0; i < n; i++) {
      if (!list[i].chosen && is_chosen(list, n, list[i].parent))
        list[i].chosen = grown = true;
    }
  }
}

bool dl_processes_chosen(const dl_process *list, size_t n,
                         const dl_process *process) {
  for (size_t i = 0; i < n; i++) {
    if (list[i].pid == process->pid && list[i].start == process->start)
      return list[i].chosen;
  }
  return false;
}

bool dl_processes_has_open(pid_t pid, int fd) {
  char path[64];
  bool found = false;
  snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
  struct stat ours;
  DIR *fds = fstat(fd, &ours) == 0 ? opendir(path) : NULL;
  struct stat theirs;
  struct dirent *entry;
  while (fds && !found && (entry = readdir(fds)))
    found = fstatat(dirfd(fds), entry->d_name, &theirs, 0) == 0 &&
            theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
  if (fds)
    closedir(fds);
  return found;
}
