#include "handle.h"

#include <errno.h>
#include <sys/socket.h>

#include "share.h"

enum { KEPT_SECONDS = 50 }; /* idle; many on the way forget after 60 */

curl_socket_t dt_handle_open_socket(void *arg, curlsocktype purpose,
                                    struct curl_sockaddr *address) {
  int *error = arg;
  (void)purpose;
  curl_socket_t fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                            address->protocol);
  if (error) /* somebody wants to know */
    *error = fd == CURL_SOCKET_BAD ? errno : 0;
  return fd;
}

CURLcode dt_handle_set_constants(const dt_client *c, CURL *easy) {
  CURLcode code = CURLE_OK;
  DT_SET(code, easy, CURLOPT_SHARE, dt_share_of(c->driver.share));
  DT_SET(code, easy, CURLOPT_NOSIGNAL, 1L);
  DT_SET(code, easy, CURLOPT_PROTOCOLS_STR, "http,https");
  DT_SET(code, easy, CURLOPT_FOLLOWLOCATION, 0L);
  DT_SET(code, easy, CURLOPT_PATH_AS_IS, 1L);
  DT_SET(code, easy, CURLOPT_TCP_KEEPALIVE, 1L);
  DT_SET(code, easy, CURLOPT_MAXAGE_CONN, (long)KEPT_SECONDS);
  DT_SET(code, easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  DT_SET(code, easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a resolver */
#endif
  DT_SET(code, easy, CURLOPT_CONNECTTIMEOUT_MS, c->connect_timeout);
  DT_SET(code, easy, CURLOPT_OPENSOCKETFUNCTION, dt_handle_open_socket);
  /* Nobody asked for another one; a proxy that compresses is understood. */
  DT_SET(code, easy, CURLOPT_ACCEPT_ENCODING, "identity");
  if (c->ca_file)
    DT_SET(code, easy, CURLOPT_CAINFO, c->ca_file);
  return code;
}

long dt_handle_proxy_status(CURL *easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status >= 200 && status < 300 ? 0 : status;
}
