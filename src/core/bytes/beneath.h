/* Paths below a directory, none of whose symbolic links is followed. */
#ifndef dt_beneath_h
#define dt_beneath_h

#pragma GCC visibility push(hidden)

/* Opens 'relative', found below 'root', with these flags of open(2) and
 * O_CLOEXEC; "." is the root itself, which may be reached through links.
 * Returns a descriptor, or -1 with errno: EINVAL for a path that is absolute or
 * has empty parts or "..", ENOTDIR or ELOOP where a link is in the way. */
int dt_beneath_open(const char *root, const char *relative, int flags);

/* Opens, only to find entries by it, the directory below 'root' in which
 * 'relative' lies, which may not be ".".  '*name' becomes the last part of
 * 'relative'.  Returns a descriptor, or -1 with errno as above. */
int dt_beneath_parent(const char *root, const char *relative,
                      const char **name);

#pragma GCC visibility pop
#endif
