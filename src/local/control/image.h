#ifndef DL_CONTROL_IMAGE_H
#define DL_CONTROL_IMAGE_H

/* Sandboxes of an image's name, whose programs are the host's (--images host):
 * a label says so, and the log of the build, which has the label's words. */

#pragma GCC visibility push(hidden)

/* Says in a sandbox's labels (JSON, replaced) that its image is a name only.
 * 0, or -1: memory is short. */
int dl_image_say(char **labels, const char *image);

/* What there is to tell of the build of a sandbox with those labels, to be
 * freed; NULL if it is not of an image, or without memory. */
char *dl_image_log(const char *labels);

#pragma GCC visibility pop

#endif
