#include "failure_cause.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "failure_answer.h"
#include "../flow/route.h"

/* libcurl 7.88 reports bad chunks as CURLE_RECV_ERROR; only the text tells. */
static bool is_bad_chunk(const dt_request *r) {
  return r->transfer.code == CURLE_RECV_ERROR && strstr(r->error, "chunk");
}

/* Whether the TLS handshake ended because the connection did: nobody refused
 * anything.  libcurl has one code for both; what its TLS libraries say of the
 * connection's end is told by the text. */
static bool is_broken_handshake(const dt_request *r) {
  static const char *const ends[] = {
      "Recv failure",   "Send failure",   "SSL_ERROR_SYSCALL",
      "unexpected eof", "SSL_ERROR_ZERO", "non-properly terminated",
      "pull function",  "push function"};
  long number = 0;
  if (r->transfer.easy)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_OS_ERRNO, &number);
  if (number == ECONNRESET || number == EPIPE || number == ETIMEDOUT)
    return true;
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
    if (strstr(r->error, ends[i]))
      return true;
  return false;
}

/* Whether it ended because nothing was heard on its connection. */
static bool was_given_up(const dt_request *r) {
  return r->transfer.sending.is_lost && r->transfer.code != CURLE_OK &&
         r->transfer.code != CURLE_OPERATION_TIMEDOUT;
}

const char *dt_failure_kind_of_code(const dt_request *r) {
  if (r->refused || was_given_up(r))
    return "connection";
  switch (r->transfer.code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_SSL_CONNECT_ERROR:
      return is_broken_handshake(r) ? "connection" : "tls";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return "tls";
    case CURLE_ABORTED_BY_CALLBACK:
      return r->source.error == DT_SUM_DIFFERS ? "protocol"
             : r->source.error                 ? "file"
             : r->not_resent                   ? "connection"
                                               : "cancelled";
    case CURLE_READ_ERROR:
      return "file";
    case CURLE_WRITE_ERROR:
      return r->sink.error && r->sink.kind == DT_SINK_FILE ? "file"
                                                           : "protocol";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PROXY:
    case CURLE_SSL_SHUTDOWN_FAILED:
      return "connection";
    case CURLE_RECV_ERROR:
      return is_bad_chunk(r) ? "protocol" : "connection";
    default:
      return "protocol";
  }
}

/* What no descriptor could be had for, if that is why libcurl gave up: it tells
 * no errno of a socket or a file that it could not open. */
static int lack_of_descriptors(const dt_request *r) {
  if (r->socket_error == EMFILE || r->socket_error == ENFILE)
    return r->socket_error;
  if (r->transfer.code != CURLE_COULDNT_RESOLVE_HOST &&
      r->transfer.code != CURLE_COULDNT_RESOLVE_PROXY &&
      r->transfer.code != CURLE_SSL_CACERT_BADFILE)
    return 0;
  int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0), error = errno;
  if (fd >= 0)
    close(fd);
  return fd < 0 && (error == EMFILE || error == ENFILE) ? error : 0;
}

/* What went wrong with files and bytes of ours, or NULL. */
static const char *own_cause(const dt_request *r) {
  if (r->source.error > 0)
    return strerror(r->source.error);
  if (r->source.error == DT_SUM_DIFFERS)
    return "the checksum of the source is not the expected one";
  if (r->source.error)
    return "the size of the source changed during the upload";
  if (r->sink.error)
    return strerror(r->sink.error);
  if (r->late)
    return "the deadline has passed";
  if (r->sink.overflow)
    return "the answer is larger than max_response";
  if (r->other_bytes)
    return "the server sent other bytes of the file than were asked for";
  return NULL;
}

static const char *cause(const dt_request *r) {
  const char *own = own_cause(r);
  long os_error = 0;
  int lack = lack_of_descriptors(r);
  if (own)
    return own;
  if (lack)
    return strerror(lack);
  if (r->refused)
    return "the server did not take the request";
  if (was_given_up(r))
    return "the connection was given up, for nothing was heard of the server";
  if (r->transfer.easy)
    curl_easy_getinfo(r->transfer.easy, CURLINFO_OS_ERRNO, &os_error);
  switch (r->transfer.code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return r->client->closed ? "the client was closed"
             : r->not_resent   ? "the connection was lost before an answer came"
                               : "cancelled";
    case CURLE_OUT_OF_MEMORY:
      return "a header is too long, or memory ran out";
    case CURLE_WRITE_ERROR:
      return r->header_bytes > DT_HEADER_BYTES
                 ? "the answer has too many headers"
                 : "the answer cannot be decoded";
    case CURLE_COULDNT_CONNECT:
      if (os_error)
        return strerror((int)os_error);
      break;
    default:
      break;
  }
  if (strncmp(r->error, "Unsupported proxy", 17) == 0)
    return "libcurl cannot use the proxy"; /* it shows the credentials, too */
  return r->error[0] ? r->error : curl_easy_strerror(r->transfer.code);
}

/* Whether the cause can lie on the way to the server. */
static bool is_on_the_way(const dt_request *r) {
  const char *kind = dt_failure_kind_of_code(r);
  return !own_cause(r) &&
         (strcmp(kind, "connection") == 0 || strcmp(kind, "timeout") == 0 ||
          strcmp(kind, "tls") == 0);
}

void dt_failure_push_cause(lua_State *L, const dt_request *r) {
  dt_proxy proxy;
  const char *source = r->client->ca_source;
  if (r->transfer.code == CURLE_SSL_CACERT_BADFILE && source &&
      !lack_of_descriptors(r)) {
    lua_pushfstring(L,
                    "the file of certificate authorities that %s names "
                    "cannot be used: %s",
                    source, r->client->ca_file);
    return;
  }
  if (!is_on_the_way(r) || !dt_route_find_proxy(r->url.data, &proxy)) {
    lua_pushstring(L, cause(r));
    return;
  }
  const char *phrase = dt_failure_phrase(r->proxy_status);
  if (r->proxy_status)
    lua_pushfstring(L, "the proxy %s of %s answered CONNECT with %d%s%s",
                    proxy.url, proxy.variable, (int)r->proxy_status,
                    phrase ? " " : "", phrase ? phrase : "");
  else
    lua_pushfstring(L, "%s (through the proxy %s of %s)", cause(r), proxy.url,
                    proxy.variable);
}
