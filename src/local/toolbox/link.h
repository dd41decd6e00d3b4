#ifndef DL_TOOLBOX_LINK_H
#define DL_TOOLBOX_LINK_H

/* The line to the control plane: a stream socket over which one line of
 * configuration and "stop" come in, "ready" and "active" go out. */

#pragma GCC visibility push(hidden)

/* Reads one line, byte for byte so that nothing after it is lost. Returns it
 * malloc'd without the line break; NULL at the end or if it is too long. */
char *dl_link_read_line(int fd);

/* Sends a line. A control plane that does not read misses it. */
void dl_link_say(int fd, const char *line);

/* Tells that the sandbox is in use, at most once a second. */
void dl_link_active(int fd);

#pragma GCC visibility pop

#endif
