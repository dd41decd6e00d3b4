/* What every easy handle of a client has, whatever it is for. */
#ifndef dt_handle_h
#define dt_handle_h

#include "client_state.h"

#pragma GCC visibility push(hidden)

/* Sets an option unless one before failed; 'option' must be a literal so that
 * curl's own type check works. */
#define DT_SET(code, easy, option, value)                                      \
  do {                                                                         \
    if ((code) == CURLE_OK)                                                    \
      (code) = curl_easy_setopt(easy, option, value);                          \
  } while (0)

/* Sets the options that hold for everything a client does. */
CURLcode dt_handle_set_constants(const dt_client *c, CURL *easy);

/* Opens a socket as libcurl does; 'arg' is an int that gets the errno if there
 * is none, which libcurl does not tell, or NULL. */
curl_socket_t dt_handle_open_socket(void *arg, curlsocktype purpose,
                                    struct curl_sockaddr *address);

/* The status with which a proxy refused a tunnel, or 0. */
long dt_handle_proxy_status(CURL *easy);

#pragma GCC visibility pop
#endif
