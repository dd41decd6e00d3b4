#include "sdk_class.h"
#include "websocket/websocket.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "X-Daytona-SDK-Version"

/* Reads "1.2.3", whatever pre-release follows; a "v" before and missing parts
 * are fine. Pre-releases count as the version itself. */
static bool read_version(const char *text, unsigned long parts[3]) {
  text += *text == 'v';
  for (int i = 0; i < 3; i++) {
    parts[i] = 0;
    if (i > 0 && *text != '.')
      continue;
    text += i > 0;
    if (!isdigit((unsigned char)*text))
      return false;
    char *end;
    parts[i] = strtoul(text, &end, 10);
    text = end;
  }
  return *text == '\0' || *text == '-' || *text == '+' ||
         isalpha((unsigned char)*text);
}

static bool is_before(const unsigned long parts[3], unsigned long minor) {
  return parts[0] == 0 && parts[1] < minor;
}

static dl_sdk_class classify(const char *version) {
  if (strstr(version, "dev"))
    return DL_SDK_MODERN;
  unsigned long parts[3];
  if (!read_version(version, parts))
    return DL_SDK_SPLIT;
  if (is_before(parts, 27))
    return DL_SDK_COMBINED;
  return is_before(parts, 167) ? DL_SDK_SPLIT : DL_SDK_MODERN;
}

dl_sdk_class dl_sdk_class_of(dl_http_request *req) {
  const char *version = dl_http_header(req, VERSION);
  const char *split = dl_http_header(req, "X-Daytona-Split-Output");
  char *token = NULL;
  if (!version || !*version)
    version = token = dl_websocket_token(req, VERSION "~");
  dl_sdk_class class;
  if (version && *version)
    class = classify(version);
  else
    class =
        split && strcmp(split, "true") == 0 ? DL_SDK_SPLIT : DL_SDK_COMBINED;
  free(token);
  return class;
}
