/*
 * What the floors of a call share: a request held in a file, as the sink
 * received it from the library, so that both send the same bytes. Host and
 * Content-Length are left to libcurl, which writes them in the library's
 * requests too.
 */
#ifndef bench_floor_h
#define bench_floor_h

#include <curl/curl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct Answer {
  char *data;
  size_t size;
  size_t capacity;
} Answer;

static void die(const char *what, const char *detail) {
  fprintf(stderr, "floor: %s: %s\n", what, detail);
  exit(EXIT_FAILURE);
}

/* Read a whole file as a NUL-terminated string; the caller frees it. */
static char *read_file(const char *path) {
  size_t size = 0;
  size_t capacity = 64 * 1024;
  char *text = malloc(capacity);
  FILE *f = fopen(path, "rb");
  if (f == NULL || text == NULL)
    die("cannot read", path);
  size = fread(text, 1, capacity - 1, f);
  if (ferror(f) || size == capacity - 1)
    die("unreadable or too long", path);
  text[size] = '\0';
  fclose(f);
  return text;
}

static size_t on_body(char *data, size_t one, size_t size, void *arg) {
  Answer *answer = arg;
  (void)one;
  if (answer->capacity - answer->size < size) {
    size_t capacity = (answer->size + size) * 2;
    char *grown = realloc(answer->data, capacity);
    if (grown == NULL)
      return 0;
    answer->data = grown;
    answer->capacity = capacity;
  }
  memcpy(answer->data + answer->size, data, size);
  answer->size += size;
  return size;
}

/* Cut the next line off *text, without its CRLF. */
static char *next_line(char **text) {
  char *line = *text;
  char *end = strstr(line, "\r\n");
  if (end == NULL)
    die("not a request", line);
  *end = '\0';
  *text = end + 2;
  return line;
}

static int is_header(const char *line, const char *name) {
  return strncasecmp(line, name, strlen(name)) == 0;
}

/* Set method, URL, headers and body of `easy` from the request in `text`,
 * which must outlive the transfer; the list is to be freed after it. */
static struct curl_slist *set_request(CURL *easy, const char *base,
                                      char *text) {
  struct curl_slist *headers = NULL;
  char url[4096];
  char *path = next_line(&text);
  char *line;
  if (strncmp(path, "POST ", 5) != 0)
    die("not a POST", path);
  path += 5;
  path[strcspn(path, " ")] = '\0';
  if (snprintf(url, sizeof url, "%s%s", base, path) >= (int)sizeof url)
    die("too long", base);
  for (line = next_line(&text); *line != '\0'; line = next_line(&text)) {
    struct curl_slist *longer;
    if (is_header(line, "Host:") || is_header(line, "Content-Length:"))
      continue;
    longer = curl_slist_append(headers, line);
    if (longer == NULL)
      die("out of memory", line);
    headers = longer;
  }
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, text);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  return headers;
}

#endif
