/* Includes <curl/curl.h> for all other files, and stops the build with a clear
 * message if libcurl is too old. */
#ifndef dt_libcurl_h
#define dt_libcurl_h

#include <curl/curl.h>

#define DT_CURL_OLDEST 0x075500 /* 7.85.0: CURLOPT_PROTOCOLS_STR */
#define DT_CURL_OLDEST_NAME "7.85.0"

#if LIBCURL_VERSION_NUM < DT_CURL_OLDEST
#error "daytona needs libcurl 7.85.0 or newer"
#endif

#endif
