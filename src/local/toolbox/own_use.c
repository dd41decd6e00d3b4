#include "own_use.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The processor time of a process: the four numbers behind the name, which may
 * hold anything, and eleven others. */
static int64_t ticks_of(const char *pid) {
  char path[64];
  unsigned long long user = 0, system = 0;
  long long user_below = 0, system_below = 0;
  snprintf(path, sizeof path, "/proc/%.10s/stat", pid);
  FILE *f = fopen(path, "re");
  if (!f)
    return 0;
  char text[1024];
  size_t n = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  text[n] = '\0';
  const char *rest = strrchr(text, ')');
  if (!rest || sscanf(rest + 1,
                      " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu "
                      "%lld %lld",
                      &user, &system, &user_below, &system_below) != 4)
    return 0;
  return (int64_t)(user + system) + (int64_t)(user_below + system_below);
}

/* Its bytes that are neither a file's nor shared memory. */
static int64_t memory_of(const char *pid) {
  char path[64];
  long long resident = 0, shared = 0;
  snprintf(path, sizeof path, "/proc/%.10s/statm", pid);
  FILE *f = fopen(path, "re");
  if (!f)
    return 0;
  if (fscanf(f, "%*d %lld %lld", &resident, &shared) != 2)
    resident = shared = 0;
  fclose(f);
  return resident > shared ? (resident - shared) * sysconf(_SC_PAGESIZE) : 0;
}

static int64_t files_in_memory(void) {
  static const char *const places[] = {"/dev/shm", "/run"};
  struct statvfs fs;
  int64_t sum = 0;
  size_t i;
  for (i = 0; i < 2; i++) {
    if (statvfs(places[i], &fs) == 0)
      sum += (int64_t)((fs.f_blocks - fs.f_bfree) * fs.f_frsize);
  }
  return sum;
}

dl_own_use dl_own_use_now(void) {
  dl_own_use use = {0, files_in_memory()};
  const struct dirent *entry;
  DIR *proc = opendir("/proc");
  while (proc && (entry = readdir(proc))) {
    if (!isdigit((unsigned char)entry->d_name[0]))
      continue;
    use.ticks += ticks_of(entry->d_name);
    use.memory += memory_of(entry->d_name);
  }
  if (proc)
    closedir(proc);
  return use;
}
