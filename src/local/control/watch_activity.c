#include "watch_scan.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The state letter of a thread; 'X' if it is gone. */
static char letter_of(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 'X';
  char text[512];
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0)
    return 'X';
  text[n] = '\0';
  const char *end = strrchr(text, ')');
  return end && end[1] == ' ' && end[2] ? end[2] : 'X';
}

static dl_activity activity_of(char letter) {
  switch (letter) {
    case 'X':
    case 'Z':
      return DL_SCAN_ENDED;
    case 'T':
    case 't': /* by a debugger, which is of the same sandbox */
      return DL_SCAN_STOPPED;
    case 'D':
      return DL_SCAN_WAITING;
    default:
      return DL_SCAN_RUNNING;
  }
}

/* What the process is about: that of its threads which does most. Its first
 * thread may have ended before the others, so all are looked at. */
dl_activity dl_scan_activity(const dl_seen *seen) {
  char path[64];
  dl_activity all = DL_SCAN_ENDED, one;
  snprintf(path, sizeof path, "/proc/%d/task", (int)seen->pid);
  DIR *threads = opendir(path);
  const struct dirent *entry;
  while (threads && (entry = readdir(threads))) {
    if (!isdigit((unsigned char)entry->d_name[0]))
      continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.10s/stat", (int)seen->pid,
             entry->d_name);
    one = activity_of(letter_of(path));
    if (one < all)
      all = one;
  }
  if (threads)
    closedir(threads);
  return all;
}
