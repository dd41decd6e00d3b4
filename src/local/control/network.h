#ifndef DL_CONTROL_NETWORK_H
#define DL_CONTROL_NETWORK_H

#pragma GCC visibility push(hidden)

char *dl_network_check_addresses(const char *list);
char *dl_network_check_domains(const char *list);

#pragma GCC visibility pop

#endif
