/*
 * Bare libcurl multi: sends the request held in a file COUNT times, up to
 * CONCURRENCY at once, over as many reused easy handles, and reads each answer
 * into memory.
 */
#include "floor.h"

typedef struct Slot {
  Answer answer;
  CURL *easy;
} Slot;

static void start(CURLM *multi, Slot *slot) {
  slot->answer.size = 0;
  if (curl_multi_add_handle(multi, slot->easy) != CURLM_OK)
    die("transfer", "cannot start");
}

/* Check what is finished; returns how many. */
static long collect(CURLM *multi, long *left) {
  long finished = 0;
  int queued;
  CURLMsg *m;
  while ((m = curl_multi_info_read(multi, &queued)) != NULL) {
    CURL *easy = m->easy_handle;
    CURLcode code = m->data.result;
    Slot *slot = NULL;
    long status = 0;
    if (code != CURLE_OK)
      die("transfer", curl_easy_strerror(code));
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&slot);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 || slot->answer.size == 0)
      die("answer", "not 200 or empty");
    curl_multi_remove_handle(multi, easy);
    finished++;
    if (*left > 0) {
      start(multi, slot);
      --*left;
    }
  }
  return finished;
}

int main(int argc, char **argv) {
  struct curl_slist *headers = NULL;
  long left, pending, concurrency, n;
  Slot *slots;
  CURLM *multi;
  if (argc != 5)
    die("usage", "floor_multi BASE_URL REQUEST_FILE CONCURRENCY COUNT");
  concurrency = strtol(argv[3], NULL, 10);
  pending = left = strtol(argv[4], NULL, 10);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
      (multi = curl_multi_init()) == NULL)
    die("libcurl", "cannot initialise");
  slots = calloc((size_t)concurrency, sizeof *slots);
  if (slots == NULL)
    die("out of memory", "");
  for (n = 0; n < concurrency && left > 0; n++, left--) {
    Slot *slot = &slots[n];
    if ((slot->easy = curl_easy_init()) == NULL)
      die("libcurl", "no handle");
    headers = set_request(slot->easy, argv[1], read_file(argv[2]));
    curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, &slot->answer);
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
    start(multi, slot);
  }
  while (pending > 0) {
    int running;
    long finished;
    if (curl_multi_perform(multi, &running) != CURLM_OK)
      die("libcurl", "perform");
    finished = collect(multi, &left);
    pending -= finished;
    if (finished == 0 &&
        curl_multi_poll(multi, NULL, 0, 1000, NULL) != CURLM_OK)
      die("libcurl", "poll");
  }
  for (n = 0; n < concurrency && slots[n].easy; n++)
    curl_easy_cleanup(slots[n].easy);
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  curl_global_cleanup();
  return EXIT_SUCCESS;
}
