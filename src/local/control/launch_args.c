#include "launch_args.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounts.h"
#include "uplink.h"

#define INNER_LINKS "/opt/daytona/bin" /* the last on PATH */
#define INNER_PROGRAM "/opt/daytona/daytona-local"

/* What programs of /usr need of /etc; nothing of the machine's own business. */
static const char *const shared_etc[] = {"alternatives",
                                         "ca-certificates",
                                         "crypto-policies",
                                         "fonts",
                                         "gai.conf",
                                         "host.conf",
                                         "hosts",
                                         "java",
                                         "ld.so.cache",
                                         "ld.so.conf",
                                         "ld.so.conf.d",
                                         "locale.alias",
                                         "localtime",
                                         "lsb-release",
                                         "matplotlibrc",
                                         "mime.types",
                                         "nsswitch.conf",
                                         "os-release",
                                         "perl",
                                         "pki",
                                         "protocols",
                                         "python3",
                                         "services",
                                         "ssl",
                                         "terminfo",
                                         "timezone"};

static const char *const top_links[] = {"bin",   "sbin",  "lib",
                                        "lib32", "lib64", "libx32"};

bool dl_launch_has_uplink(const dl_launcher *launcher,
                          const dl_launch *launch) {
  return launcher->bwrap && launch->network &&
         dl_uplink_is_needed(&launcher->uplink);
}

static void add_all(dl_args *args, const char *const *texts) {
  for (; *texts; texts++)
    dl_args_add(args, "%s", *texts);
}

static void bind_ro(dl_args *args, const char *from, const char *to) {
  dl_args_add(args, "--ro-bind");
  dl_args_add(args, "%s", from);
  dl_args_add(args, "%s", to);
}

static void tmpfs(dl_args *args, const char *mode, int64_t size,
                  const char *path) {
  dl_args_add(args, "--perms");
  dl_args_add(args, "%s", mode);
  dl_args_add(args, "--size");
  dl_args_add(args, "%" PRId64, size);
  dl_args_add(args, "--tmpfs");
  dl_args_add(args, "%s", path);
}

/* /bin and its like: links into /usr where the host has them so, else the
 * directories themselves. */
static void add_top(dl_args *args) {
  char path[16], target[128];
  struct stat st;
  ssize_t n;
  for (size_t i = 0; i < sizeof top_links / sizeof *top_links; i++) {
    snprintf(path, sizeof path, "/%s", top_links[i]);
    if (lstat(path, &st))
      continue;
    if (!S_ISLNK(st.st_mode)) {
      bind_ro(args, path, path);
      continue;
    }
    n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
      continue;
    target[n] = '\0';
    dl_args_add(args, "--symlink");
    dl_args_add(args, "%s", target);
    dl_args_add(args, "%s", path);
  }
}

/* The resolvers of this machine are of use only with its network. */
static void add_resolvers(dl_args *args, const dl_launcher *launcher,
                          const dl_launch *launch) {
  const dl_uplink *uplink = &launcher->uplink;
  if (!launch->network || (uplink->mode == DL_NETWORK_OWN && !uplink->stack) ||
      uplink->mode == DL_NETWORK_NONE)
    return;
  dl_args_add(args, "--ro-bind-try");
  if (uplink->mode == DL_NETWORK_HOST)
    dl_args_add(args, "/etc/resolv.conf");
  else
    dl_args_add(args, "%s/%s", launcher->dir->path, DL_UPLINK_RESOLV_CONF);
  dl_args_add(args, "/etc/resolv.conf");
}

/* The network namespace, which is one of its own, and the way out of it. */
static void add_network(dl_args *args, const dl_launcher *launcher,
                        const dl_launch *launch) {
  if (launch->network && launcher->uplink.mode == DL_NETWORK_HOST)
    dl_args_add(args, "--share-net");
  if (!dl_launch_has_uplink(launcher, launch))
    return;
  dl_args_add(args, "--info-fd");
  dl_args_add(args, "%d", DL_LAUNCH_INFO_FD);
  dl_args_add(args, "--block-fd");
  dl_args_add(args, "%d", DL_LAUNCH_GATE_FD);
}

static void add_etc(dl_args *args, const dl_datadir *dir) {
  dl_args_add(args, "--dir");
  dl_args_add(args, "/etc");
  dl_args_add(args, "--ro-bind");
  dl_args_add(args, "%s/etc/passwd", dir->path);
  dl_args_add(args, "/etc/passwd");
  dl_args_add(args, "--ro-bind");
  dl_args_add(args, "%s/etc/group", dir->path);
  dl_args_add(args, "/etc/group");
  for (size_t i = 0; i < sizeof shared_etc / sizeof *shared_etc; i++) {
    dl_args_add(args, "--ro-bind-try");
    dl_args_add(args, "/etc/%s", shared_etc[i]);
    dl_args_add(args, "/etc/%s", shared_etc[i]);
  }
}

/* A directory of the sandbox's own storage, which outlives its processes. */
static void bind_own(dl_args *args, const dl_launcher *launcher,
                     const dl_launch *launch, const char *name,
                     const char *to) {
  dl_args_add(args, "--bind");
  dl_args_add(args, "%s/sandboxes/%s/%s", launcher->dir->path, launch->id,
              name);
  dl_args_add(args, "%s", to);
}

/* The namespaces and the file tree. The whole line is visible inside, so no
 * secret may be in it. */
static void add_bwrap(dl_args *args, const dl_launcher *launcher,
                      const dl_launch *launch) {
  static const char *const walls[] = {"--unshare-all",
                                      "--unshare-user",
                                      "--disable-userns",
                                      "--die-with-parent",
                                      "--new-session",
                                      "--uid",
                                      "1000",
                                      "--gid",
                                      "1000",
                                      "--hostname",
                                      NULL};
  static const char *const tree[] = {"--ro-bind", "/usr",  "/usr", "--proc",
                                     "/proc",     "--dev", "/dev", NULL};
  static const char *const rest[] = {"--remount-ro", "/dev", NULL};
  dl_args_add(args, "%s", launcher->bwrap);
  add_all(args, walls);
  dl_args_add(args, "%s", launch->id);
  add_network(args, launcher, launch);
  add_all(args, tree);
  add_top(args);
  tmpfs(args, "1777", dl_limits_shm(launch->limits.memory), "/dev/shm");
  tmpfs(args, "0755", dl_limits_run(), "/run");
  add_all(args, rest);
  add_etc(args, launcher->dir);
  add_resolvers(args, launcher, launch);
  bind_own(args, launcher, launch, "home", DL_LAUNCH_HOME);
  bind_own(args, launcher, launch, "tmp", "/tmp");
  bind_own(args, launcher, launch, "var-tmp", "/var/tmp");
  dl_mounts_args(args, launcher, launch->mounts);
  dl_args_add(args, "--ro-bind");
  dl_args_add(args, "%s/bin/daytona-local", launcher->dir->path);
  dl_args_add(args, INNER_PROGRAM);
  if (launcher->python) {
    dl_args_add(args, "--symlink");
    dl_args_add(args, "%s", launcher->python);
    dl_args_add(args, INNER_LINKS "/python");
  }
  dl_args_add(args, "--chdir");
  dl_args_add(args, DL_LAUNCH_HOME);
  dl_args_add(args, "--remount-ro");
  dl_args_add(args, "/");
  dl_args_add(args, "--seccomp");
  dl_args_add(args, "%d", DL_LAUNCH_FILTER_FD);
  dl_args_add(args, "--cap-drop");
  dl_args_add(args, "ALL");
  dl_args_add(args, "--");
}

void dl_launch_args(dl_args *args, const dl_launcher *launcher,
                    const dl_launch *launch) {
  if (launcher->bwrap) {
    add_bwrap(args, launcher, launch);
    dl_args_add(args, INNER_PROGRAM);
  }
  else {
    dl_args_add(args, "%s/bin/daytona-local", launcher->dir->path);
  }
  dl_args_add(args, "confine");
  dl_args_add(args, "%" PRId64, dl_limits_toolbox_data(launch->limits.memory));
  dl_args_add(args, "%d", DL_LIMITS_FILES);
  if (!launcher->bwrap)
    dl_args_add(args, "init");
  dl_mounts_check_args(args, launch->mounts);
  if (launch->listen_fd < 0) {
    dl_args_add(args, "--version");
    return;
  }
  dl_args_add(args, "toolbox");
  dl_args_add(args, "--listen-fd");
  dl_args_add(args, "%d", DL_LAUNCH_LISTEN_FD);
  dl_args_add(args, "--control-fd");
  dl_args_add(args, "%d", DL_LAUNCH_CONTROL_FD);
}

void dl_launch_env(dl_args *args, const dl_launcher *launcher,
                   const dl_launch *launch) {
  const char *path = launcher->bwrap ? NULL : getenv("PATH");
  if (launcher->bwrap)
    dl_args_add(args, "HOME=" DL_LAUNCH_HOME);
  else
    dl_args_add(args, "HOME=%s/sandboxes/%s/home", launcher->dir->path,
                launch->id);
  if (launcher->bwrap)
    dl_args_add(args, "PATH=" DL_LAUNCH_PATH ":" INNER_LINKS);
  else
    dl_args_add(args, "PATH=%s:%s/links", path && *path ? path : DL_LAUNCH_PATH,
                launcher->dir->path);
  dl_args_add(args, "USER=daytona");
  dl_args_add(args, "LOGNAME=daytona");
  dl_args_add(args, "SHELL=/bin/bash");
  dl_args_add(args, "LANG=C.UTF-8");
}
