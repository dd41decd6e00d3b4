#ifndef DL_CONTROL_NETWORK_H
#define DL_CONTROL_NETWORK_H

#pragma GCC visibility push(hidden)

/* What is wrong with a comma list of IPv4 networks, to be freed; NULL if
 * nothing is. */
char *dl_network_check_addresses(const char *list);

/* The same for domains, which may start with "*.". */
char *dl_network_check_domains(const char *list);

#pragma GCC visibility pop

#endif
