#ifndef DL_FRONT_SIGNED_FILE_H
#define DL_FRONT_SIGNED_FILE_H

#include "control/plane.h"
#include "http/http.h"

/* URLs of one file: GET /toolbox/{id}/files/download and POST
 * /toolbox/{id}/files/upload-v2 with a signature in the place of a credential.
 */

#pragma GCC visibility push(hidden)

/* Whether the request is to be let in by its signature, and by nothing else. */
bool dl_signed_file_asks(const dl_http_request *req);

/* Why a request that asks so is not let in, by the sandbox's signing key (NULL:
 * there is none), in the words and with the status of the original; NULL where
 * it is. */
const char *dl_signed_file_refuses(const dl_http_request *req, const char *key,
                                   unsigned *status);

/* The query that goes into the sandbox: the path that was signed and nothing
 * else, so that nobody there can use the signature, nor a second path pass
 * behind the first. 0, or -1 without memory. */
int dl_signed_file_query(dl_strbuf *out, const dl_http_request *req);

#pragma GCC visibility pop

#endif
