/*
 * The least a libcurl client can do to be ready: initialise the library,
 * make one easy handle, go. The floor under `daytona.new{...}`.
 */
#include <stdlib.h>

#include <curl/curl.h>

int main(void) {
  CURL *easy;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return EXIT_FAILURE;
  easy = curl_easy_init();
  if (easy == NULL)
    return EXIT_FAILURE;
  curl_easy_cleanup(easy);
  return EXIT_SUCCESS;
}
