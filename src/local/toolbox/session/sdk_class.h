#ifndef DL_TOOLBOX_SDK_CLASS_H
#define DL_TOOLBOX_SDK_CLASS_H

#include "http/http.h"

/* What a client can do with a log, by the version it says it has. */
typedef enum dl_sdk_class {
  DL_SDK_COMBINED, /* both streams as one text, no markers */
  DL_SDK_SPLIT,    /* takes the streams apart itself */
  DL_SDK_MODERN    /* the same, and knows them apart in JSON */
} dl_sdk_class;

#pragma GCC visibility push(hidden)

/* The class of who sent the request, by a header or, since browsers can set
 * none for a WebSocket, by an offered subprotocol. */
dl_sdk_class dl_sdk_class_of(dl_http_request *req);

#pragma GCC visibility pop

#endif
