/*
 * A bare libcurl loop: sends the request held in a file COUNT times over one
 * reused easy handle and reads each answer into memory.
 */
#include "floor.h"

int main(int argc, char **argv) {
  Answer answer = {NULL, 0, 0};
  struct curl_slist *headers;
  char *text;
  CURL *easy;
  long n;
  if (argc != 4)
    die("usage", "floor_exec BASE_URL REQUEST_FILE COUNT");
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
      (easy = curl_easy_init()) == NULL)
    die("libcurl", "cannot initialise");
  text = read_file(argv[2]);
  headers = set_request(easy, argv[1], text);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer);
  for (n = strtol(argv[3], NULL, 10); n > 0; n--) {
    long status = 0;
    CURLcode code;
    answer.size = 0;
    code = curl_easy_perform(easy);
    if (code != CURLE_OK)
      die("transfer", curl_easy_strerror(code));
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || answer.size == 0)
      die("answer", "not 200 or empty");
  }
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
  curl_global_cleanup();
  free(answer.data);
  free(text);
  return EXIT_SUCCESS;
}
