#ifndef DL_TOOLBOX_LINK_H
#define DL_TOOLBOX_LINK_H

/* The line to the control plane: a stream socket over which one line of
 * configuration and "stop" come in, "ready" and "active" go out. */

#pragma GCC visibility push(hidden)

char *dl_link_read_line(int fd);
void dl_link_say(int fd, const char *line);
void dl_link_active(int fd);

#pragma GCC visibility pop

#endif
