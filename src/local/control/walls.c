#include "walls.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fd.h"

/* What the engines of containers refuse by default. Most of it the kernel
 * refuses by itself to a process without capabilities; the filter keeps the
 * code that decides so out of reach. */
static const char *const refused[] = {
    /* Keys: of the whole user, whatever the namespace. */
    "add_key", "keyctl", "request_key",
    /* Large parts of the kernel that few programs need. */
    "bpf", "perf_event_open", "userfaultfd", "io_uring_enter",
    "io_uring_register", "io_uring_setup", "fanotify_init", "lookup_dcookie",
    /* The file tree. */
    "chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount",
    "mount_setattr", "move_mount", "open_tree", "pivot_root", "umount",
    "umount2", "open_by_handle_at", "name_to_handle_at",
    /* Namespaces; more of them below. */
    "setns",
    /* The machine. */
    "acct", "clock_adjtime", "clock_adjtime64", "clock_settime",
    "clock_settime64", "create_module", "delete_module", "finit_module",
    "get_kernel_syms", "init_module", "ioperm", "iopl", "kexec_file_load",
    "kexec_load", "query_module", "quotactl", "quotactl_fd", "reboot",
    "setdomainname", "sethostname", "settimeofday", "stime", "swapoff",
    "swapon", "syslog", "vhangup",
    /* Where memory lies. */
    "get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy",
    "set_mempolicy_home_node",
    /* Long dead. */
    "_sysctl", "nfsservctl", "sysfs", "uselib", "ustat", "vm86", "vm86old"};

/* unshare and clone make these only in new user namespaces, or never. */
static const int namespaces[] = {CLONE_NEWCGROUP, CLONE_NEWIPC, CLONE_NEWNET,
                                 CLONE_NEWNS,     CLONE_NEWPID, CLONE_NEWUSER,
                                 CLONE_NEWUTS};
#define NEW_TIME 0x80 /* CLONE_NEWTIME; for clone it is part of a signal */

/* Of a personality: what a program may want of its own memory and of uname.
 * 0xffffffff, which asks, is allowed, too. */
#define PERSONALITIES (UINT32_C(8) | UNAME26 | ADDR_NO_RANDOMIZE)
#define ASKS (UINT32_C(1) << 31)

/* Refuses a call whose argument, of 32 bits, has `value` where `mask` has
 * bits. */
static int refuse_bits(scmp_filter_ctx ctx, int call, unsigned arg,
                       uint32_t mask, uint32_t value) {
  return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), call, 1,
                          SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, mask, value));
}

static int refuse_calls(scmp_filter_ctx ctx) {
  int rc = 0;
  for (size_t i = 0; rc == 0 && i < sizeof refused / sizeof *refused; i++) {
    int call = seccomp_syscall_resolve_name(refused[i]);
    /* Another machine, or an older library, may not know it. */
    if (call != __NR_SCMP_ERROR)
      rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), call, 0);
  }
  return rc;
}

static int refuse_namespaces(scmp_filter_ctx ctx) {
  /* What clone3 is asked for stands in memory, where no filter sees it. With
   * this answer the C library takes clone. */
  int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  if (rc == 0)
    rc = refuse_bits(ctx, SCMP_SYS(unshare), 0, NEW_TIME, NEW_TIME);
  for (size_t i = 0; rc == 0 && i < sizeof namespaces / sizeof *namespaces;
       i++) {
    uint32_t flag = (uint32_t)namespaces[i];
    rc = refuse_bits(ctx, SCMP_SYS(unshare), 0, flag, flag);
    if (rc == 0)
      rc = refuse_bits(ctx, SCMP_SYS(clone), 0, flag, flag);
  }
  return rc;
}

/* All families but those that programs use. The comparisons are of 64 bits: a
 * number with something in its upper half is refused by the last one. */
static int refuse_families(scmp_filter_ctx ctx, int call) {
  const uint32_t refusal = SCMP_ACT_ERRNO(EAFNOSUPPORT);
  int rc = 0;
  for (unsigned family = 0; rc == 0 && family < AF_NETLINK; family++) {
    if (family != AF_UNIX && family != AF_INET && family != AF_INET6)
      rc = seccomp_rule_add(ctx, refusal, call, 1,
                            SCMP_CMP64(0, SCMP_CMP_EQ, family));
  }
  if (rc == 0)
    rc = seccomp_rule_add(ctx, refusal, call, 1,
                          SCMP_CMP64(0, SCMP_CMP_GT, AF_NETLINK));
  return rc;
}

/* A rule has one comparison for an argument, so there is one for each bit that
 * must not be set, and one for each that must be where the highest is. */
static int refuse_personalities(scmp_filter_ctx ctx) {
  int rc = 0;
  for (uint32_t bit = 1; rc == 0 && bit < ASKS; bit <<= 1) {
    if (!(bit & PERSONALITIES))
      rc = refuse_bits(ctx, SCMP_SYS(personality), 0, ASKS | bit, bit);
    if (rc == 0)
      rc = refuse_bits(ctx, SCMP_SYS(personality), 0, ASKS | bit, ASKS);
  }
  return rc;
}

static int refuse_all(scmp_filter_ctx ctx) {
  int rc = refuse_calls(ctx);
  if (rc == 0)
    rc = refuse_namespaces(ctx);
  if (rc == 0)
    rc = refuse_families(ctx, SCMP_SYS(socket));
  if (rc == 0)
    rc = refuse_families(ctx, SCMP_SYS(socketpair));
  if (rc == 0)
    rc = refuse_personalities(ctx);
  /* Both put words into the mouth of who sits at a terminal. */
  if (rc == 0)
    rc = refuse_bits(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, TIOCSTI);
  if (rc == 0)
    rc = refuse_bits(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, TIOCLINUX);
  return rc;
}

/* Calls of other architectures (32 bits) are refused as a whole: their numbers
 * mean other things. */
static scmp_filter_ctx make_filter(void) {
  scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
  if (ctx &&
      seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) ==
          0 &&
      seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
      refuse_all(ctx) == 0)
    return ctx;
  if (ctx)
    seccomp_release(ctx);
  return NULL;
}

/* Reads a whole file of memory. */
static int take(dl_walls *walls, int fd) {
  off_t size = lseek(fd, 0, SEEK_END);
  if (size <= 0)
    return -1;
  walls->filter = malloc((size_t)size);
  walls->len = (size_t)size;
  if (walls->filter &&
      pread(fd, walls->filter, walls->len, 0) == (ssize_t)walls->len)
    return 0;
  dl_walls_free(walls);
  return -1;
}

int dl_walls_build(dl_walls *walls) {
  scmp_filter_ctx ctx = make_filter();
  int fd = ctx ? memfd_create("filter", MFD_CLOEXEC) : -1;
  int rc = -1;
  walls->filter = NULL;
  walls->len = 0;
  if (fd >= 0 && seccomp_export_bpf(ctx, fd) == 0)
    rc = take(walls, fd);
  if (fd >= 0)
    close(fd);
  if (ctx)
    seccomp_release(ctx);
  return rc;
}

void dl_walls_free(dl_walls *walls) {
  free(walls->filter);
  walls->filter = NULL;
  walls->len = 0;
}

int dl_walls_open(const dl_walls *walls) {
  int fd = memfd_create("filter", MFD_CLOEXEC);
  if (fd < 0)
    return -1;
  if (dl_fd_write_all(fd, walls->filter, walls->len) == 0 &&
      lseek(fd, 0, SEEK_SET) == 0)
    return fd;
  close(fd);
  return -1;
}

void dl_walls_join_keyring(void) {
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}
