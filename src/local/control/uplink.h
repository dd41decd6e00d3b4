#ifndef DL_CONTROL_UPLINK_H
#define DL_CONTROL_UPLINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "strbuf.h"
#include "network_way.h"

/* What slirp4netns calls itself and its resolver, inside. */
#define DL_UPLINK_GATEWAY "10.0.2.2"
#define DL_UPLINK_RESOLVER "10.0.2.3"
#define DL_UPLINK_TUN "/dev/net/tun"
#define DL_UPLINK_RESOLV_CONF "etc/resolv.conf" /* in the data directory */

#define DL_UPLINK_INFO_FD 3 /* of the helper: what bubblewrap tells */
#define DL_UPLINK_GATE_FD 4 /* closed: the sandbox may begin */

struct dl_launcher;
struct dl_options;

/* Starts a sandbox that has nothing to do: see dl_launch_try. */
typedef int dl_uplink_try(const struct dl_launcher *launcher, int log_fd,
                          dl_strbuf *said);

/* The helper process of one sandbox, and what bubblewrap shares with it. */
typedef struct dl_uplink_process {
  pid_t pid;   /* -1: none */
  int info_fd; /* bubblewrap tells its child's process id there */
  int gate_fd; /* it waits until this ends */
} dl_uplink_process;

#pragma GCC visibility push(hidden)

/* Finds out what network the sandboxes of a launcher with isolation can have,
 * by `try_it`, as dl_launch_try does.
 * NULL where there is what the options ask for, else why there is no way out,
 * to be freed. dl_uplink_close in any case. */
char *dl_uplink_find(struct dl_launcher *launcher,
                     const struct dl_options *options, dl_uplink_try *try_it);

/* The same at the start of the server, which says what its users must know. */
void dl_uplink_open(struct dl_launcher *launcher,
                    const struct dl_options *options, dl_uplink_try *try_it);

/* Frees what it holds. */
void dl_uplink_close(dl_uplink *uplink);

/* Whether a sandbox that may have a network needs a helper for it. */
bool dl_uplink_is_needed(const dl_uplink *uplink);

/* Starts the helper of a sandbox that bubblewrap is to be started for, with the
 * descriptors of *out (--info-fd, --block-fd), which the caller closes.
 * `log_fd`: where its messages go, -1: to the server's. The calling thread must
 * live as long as the sandbox. 0, or -1 with errno. */
int dl_uplink_start(const struct dl_launcher *launcher, const char *id,
                    int log_fd, dl_uplink_process *out);

/* Ends a helper, and its stack with it. */
void dl_uplink_end(pid_t *pid);

/* uplink_helper.c */
int dl_uplink_main(int argc, char **argv);

/* uplink_stack.c */
typedef struct dl_stack {
  pid_t pid;
  int ready_fd; /* readable when the network is there */
  int log_fd;   /* what it printed */
  int exit_fd;  /* it ends when this is closed */
} dl_stack;

/* Starts slirp4netns for that network namespace. It is told by a descriptor and
 * by the kernel when this process is gone. 0, or -1 with errno; dl_stack_end in
 * any case. */
int dl_stack_start(dl_stack *stack, const char *program, int user_fd,
                   int net_fd);

/* Ends it, and whatever it has started. */
void dl_stack_end(dl_stack *stack);

/* uplink_inside.c */
int dl_uplink_enter(pid_t child, long long inode, int *user_fd, int *net_fd);

/* Makes listening sockets for the services in that network namespace and, with
 * `routes`, makes it refuse the addresses of this machine. 0, or -1 after a
 * message on stderr. This process must have one thread. */
int dl_uplink_prepare(int user_fd, int net_fd, bool routes,
                      const dl_exposed *services, size_t count, int *listeners);

#pragma GCC visibility pop

#endif
