#ifndef DL_FRONT_SIGNED_FILE_H
#define DL_FRONT_SIGNED_FILE_H

#include "../control/plane.h"
#include "http/http.h"

/* URLs of one file: GET /toolbox/{id}/files/download and POST
 * /toolbox/{id}/files/upload-v2 with a signature in the place of a credential.
 */

#pragma GCC visibility push(hidden)

bool dl_signed_file_asks(const dl_http_request *req);
const char *dl_signed_file_refuses(const dl_http_request *req, const char *key,
                                   unsigned *status);
int dl_signed_file_query(dl_strbuf *out, const dl_http_request *req);

#pragma GCC visibility pop

#endif
