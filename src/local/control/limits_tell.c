#include "limits_cgroup.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/utsname.h>

/* What holds sandboxes to their limits on this machine, for doctor. */

#define INDENT "\n                 "

/* Since 5.14 the kernel counts processes for each user namespace. */
static bool counts_apart(void) {
  struct utsname name;
  int major = 0, minor = 0;
  return uname(&name) == 0 &&
         sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
         (major > 5 || (major == 5 && minor >= 14));
}

static void tell_processes(dl_limits_say *say) {
  struct rlimit user;
  if (!counts_apart())
    say("lack", "processes",
        "this kernel counts the processes of all sandboxes together: %d of "
        "all, so one can" INDENT "keep others from starting any",
        DL_LIMITS_PROCESSES);
  else if (getrlimit(RLIMIT_NPROC, &user) == 0 &&
           user.rlim_cur < 2 * DL_LIMITS_PROCESSES)
    say("lack", "processes",
        "this user may have %llu (ulimit -u), a sandbox %d: one can keep "
        "others and the server" INDENT "from starting any",
        (unsigned long long)user.rlim_cur, DL_LIMITS_PROCESSES);
  else
    say("ok", "processes", "the kernel holds each sandbox to %d",
        DL_LIMITS_PROCESSES);
}

/* Calls `say` as printf for each kind of limit: its grade ("ok", "note" where
 * something is held, but not by the kernel as a whole, "lack"), its name, and
 * a format. As the user who starts sandboxes. */
void dl_limits_tell(dl_limits_say *say) {
  const char *why = dl_cgroup_lack();
  if (why) {
    say("note", "memory",
        "the kernel holds each process to a sandbox's memory; the server looks "
        "several times a second" INDENT
        "what all of them take, files in memory too, and kills the largest; "
        "what no process" INDENT "has mapped it does not see (%s)",
        why);
    say("note", "cpu",
        "a sandbox starts on as many cores as it has; a program inside can "
        "choose others");
  }
  else {
    say("ok", "memory", "the kernel holds each sandbox to its own (cgroup v2)");
    say("ok", "cpu",
        "the kernel holds each sandbox to its cores, where the "
        "controller is delegated (cgroup v2)");
  }
  tell_processes(say);
  say("note", "disk",
      "the kernel holds each file to a sandbox's disk; the server looks every "
      "few seconds what all" INDENT
      "take, and kills who writes beyond it; uploads and what lies very deep "
      "are not held");
}
