#include "network.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strbuf.h"

#define MOST_ENTRIES 10

typedef void check_entry(const char *entry, dl_strbuf *problem);

static bool is_prefix(const char *text) {
  char *end;
  long n = strtol(text, &end, 10);
  return isdigit((unsigned char)*text) && *end == '\0' && n >= 0 && n <= 32;
}

static void check_address(const char *entry, dl_strbuf *problem) {
  const char *slash = strchr(entry, '/');
  char address[INET_ADDRSTRLEN] = "";
  if (!slash) {
    dl_strbuf_addf(problem,
                   "Invalid network format: \"%s\". Missing CIDR prefix "
                   "length (e.g., /24)",
                   entry);
    return;
  }
  size_t len = (size_t)(slash - entry);
  if (len < sizeof address)
    memcpy(address, entry, len);
  struct in_addr in;
  if (inet_pton(AF_INET, address, &in) != 1)
    dl_strbuf_addf(problem,
                   "Invalid IP address: \"%.*s\" in network \"%s\". Must be a "
                   "valid IPv4 address",
                   (int)len, entry, entry);
  else if (!is_prefix(slash + 1))
    dl_strbuf_addf(problem,
                   "Invalid CIDR prefix length: %s. Prefix must be between 0 "
                   "and 32",
                   entry);
}

/* Labels of letters, digits and inner hyphens, two of them at least, the last
 * not a number. */
static bool is_domain(const char *text) {
  size_t labels = 0;
  if (strncmp(text, "*.", 2) == 0)
    text += 2;
  if (strlen(text) > 253)
    return false;
  for (;;) {
    size_t len = strcspn(text, ".");
    if (len == 0 || len > 63 || text[0] == '-' || text[len - 1] == '-')
      return false;
    for (size_t i = 0; i < len; i++) {
      if (!isalnum((unsigned char)text[i]) && text[i] != '-')
        return false;
    }
    labels++;
    if (!text[len])
      return labels >= 2 && !isdigit((unsigned char)text[0]);
    text += len + 1;
  }
}

static void check_domain(const char *entry, dl_strbuf *problem) {
  if (!is_domain(entry))
    dl_strbuf_addf(problem,
                   "Invalid domain: \"%s\". Must be a valid domain "
                   "name",
                   entry);
}

static char *check_list(const char *list, check_entry *check,
                        const char *what) {
  char *copy = strdup(list);
  char *rest = copy, *entry;
  dl_strbuf problem = {0};
  size_t count = 0;
  while (problem.len == 0 && (entry = strsep(&rest, ","))) {
    entry += strspn(entry, " \t");
    size_t len = strlen(entry);
    while (len > 0 && isspace((unsigned char)entry[len - 1]))
      entry[--len] = '\0';
    if (len == 0)
      continue;
    check(entry, &problem);
    if (problem.len == 0 && ++count > MOST_ENTRIES)
      dl_strbuf_addf(&problem, "%s", what);
  }
  free(copy);
  if (problem.len > 0)
    return dl_strbuf_detach(&problem);
  dl_strbuf_free(&problem);
  return NULL;
}

char *dl_network_check_addresses(const char *list) {
  return check_list(list, check_address,
                    "Network allow list cannot contain more than 10 networks");
}

char *dl_network_check_domains(const char *list) {
  return check_list(list, check_domain,
                    "Domain allow list cannot contain more than 10 domains");
}
