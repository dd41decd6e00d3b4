#include "record.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "strbuf.h"

/* Of longer bodies nothing is kept. */
#define BODY_LIMIT ((size_t)64 << 10)
/* How many exchanges are told apart; what comes behind them is not written. */
#define SEEN_LIMIT ((size_t)8 << 10)
/* Longer strings are never one of a few words that an API knows. */
#define WORD_LIMIT 24
#define DATE_LIMIT 40

#define HASH_START 14695981039346656037u
#define HASH_PRIME 1099511628211u

typedef struct body {
  dl_strbuf text;
  char type[128];
  bool cut;
} body;

struct dl_record {
  char agent[128];
  body request;
  body answer;
};

static int file = -1;
static uint64_t *seen; /* a hash table, 0 is a free place */
static size_t n_seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Keeps exchanges in a new file of this directory from now on, open to nobody
 * else. -1 with errno if it cannot be made. */
int dl_record_open(const char *directory) {
  dl_strbuf path = {0};
  seen = calloc(2 * SEEN_LIMIT, sizeof *seen);
  dl_strbuf_addf(&path, "%s/%ld.jsonl", directory, (long)getpid());
  if (seen && !path.failed)
    file = open(path.data, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  else
    errno = ENOMEM;
  dl_strbuf_free(&path);
  if (file >= 0)
    return 0;
  free(seen);
  seen = NULL;
  return -1;
}

/* An exchange that begins. NULL where none is recorded, or without memory. */
dl_record *dl_record_new(void) {
  return file >= 0 ? calloc(1, sizeof(dl_record)) : NULL;
}

static void keep_text(char *field, size_t size, const char *text) {
  field[0] = '\0';
  if (text)
    strncat(field, text, size - 1);
}

void dl_record_types(dl_record *r, const char *agent, const char *request,
                     const char *answer) {
  if (!r)
    return;
  keep_text(r->agent, sizeof r->agent, agent);
  keep_text(r->request.type, sizeof r->request.type, request);
  keep_text(r->answer.type, sizeof r->answer.type, answer);
}

static void keep(body *b, const char *data, size_t len) {
  if (len > BODY_LIMIT - b->text.len)
    b->cut = true;
  if (!b->cut)
    dl_strbuf_add(&b->text, data, len);
}

void dl_record_request(dl_record *r, const char *data, size_t len) {
  if (r)
    keep(&r->request, data, len);
}

void dl_record_answer(dl_record *r, const char *data, size_t len) {
  if (r)
    keep(&r->answer, data, len);
}

static void add(uint64_t *hash, const void *data, size_t len) {
  const unsigned char *p = data;
  while (len-- > 0)
    *hash = (*hash ^ *p++) * HASH_PRIME;
}

static void add_text(uint64_t *hash, const char *text) {
  add(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* A word, which may be one of few that are allowed, counts as it is; of what
 * begins like a date the form counts; of anything else that it is a text. */
static void add_string(uint64_t *hash, const char *text, size_t len) {
  bool word = len <= WORD_LIMIT;
  for (size_t i = 0; i < len && word; i++)
    word = isalpha((unsigned char)text[i]) || strchr("_- ", text[i]);
  if (word)
    add(hash, text, len);
  else if (len > 4 && len <= DATE_LIMIT && isdigit((unsigned char)text[0]) &&
           text[4] == '-') {
    for (size_t i = 0; i < len; i++)
      add(hash, isdigit((unsigned char)text[i]) ? "0" : text + i, 1);
  }
}

/* Types and names, not values. Of items that are alike one counts. */
static void add_shape(uint64_t *hash, json_t *value) {
  const int type = (int)json_typeof(value);
  uint64_t item, before = 0;
  add(hash, &type, sizeof type);
  if (json_is_string(value))
    add_string(hash, json_string_value(value), json_string_length(value));
  const char *key;
  json_t *of;
  json_object_foreach(value, key, of) {
    add_text(hash, key);
    add_shape(hash, of);
  }
  size_t i;
  json_array_foreach(value, i, of) {
    item = HASH_START;
    add_shape(&item, of);
    if (item != before)
      add(hash, &item, sizeof item);
    before = item;
  }
}

/* Names with digits are mostly ids. */
static void add_path(uint64_t *hash, const char *path) {
  while (*path) {
    size_t len = strcspn(path, "/"), plain = strcspn(path, "/0123456789");
    if (plain == len)
      add(hash, path, len);
    add(hash, "/", 1);
    path += len;
    path += *path == '/';
  }
}

/* Of a query the names count. */
static void add_query(uint64_t *hash, const char *query) {
  while (*query) {
    add(hash, query, strcspn(query, "=&"));
    query += strcspn(query, "&");
    query += *query == '&';
  }
}

/* Whether this is the first exchange of its kind. */
static bool is_new(uint64_t hash) {
  size_t i = (size_t)hash & (2 * SEEN_LIMIT - 1);
  if (hash == 0 || n_seen == SEEN_LIMIT)
    return false;
  while (seen[i] && seen[i] != hash)
    i = (i + 1) & (2 * SEEN_LIMIT - 1);
  if (seen[i])
    return false;
  seen[i] = hash;
  n_seen++;
  return true;
}

static bool is_json(const body *b) {
  return strncasecmp(b->type, "application/json", 16) == 0;
}

static json_t *parse(const body *b) {
  if (!is_json(b) || b->cut || b->text.failed || b->text.len == 0)
    return NULL;
  return json_loadb(b->text.data, b->text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                    NULL);
}

static json_t *text_of(const char *text) {
  json_t *string = json_string(text ? text : "");
  return string ? string : json_string("(no UTF-8)");
}

/* What is said of a body; takes its value. */
static json_t *describe(const body *b, json_t *value) {
  json_t *o = json_object();
  json_object_set_new(o, "type", text_of(b->type));
  json_object_set_new(o, "empty", json_boolean(b->text.len == 0 && !b->cut));
  json_object_set_new(o, "cut", json_boolean(b->cut));
  if (value)
    json_object_set_new(o, "json", value);
  return o;
}

static void write_line(const dl_record *r, const dl_record_head *head,
                       json_t *request, json_t *answer) {
  json_t *line = json_object();
  dl_strbuf text = {0};
  json_object_set_new(line, "method", text_of(head->method));
  json_object_set_new(line, "path", text_of(head->path));
  json_object_set_new(line, "query", text_of(head->query));
  json_object_set_new(line, "status", json_integer((json_int_t)head->status));
  json_object_set_new(line, "agent", text_of(r->agent));
  json_object_set_new(line, "request", describe(&r->request, request));
  json_object_set_new(line, "answer", describe(&r->answer, answer));
  char *dumped = json_dumps(line, JSON_COMPACT);
  json_decref(line);
  dl_strbuf_adds(&text, dumped ? dumped : "{}");
  dl_strbuf_addc(&text, '\n');
  free(dumped);
  /* In one piece, and a line that the disk has no room for is none. */
  if (!text.failed && write(file, text.data, text.len) < 0)
    errno = 0;
  dl_strbuf_free(&text);
}

static uint64_t hash_of(const dl_record *r, const dl_record_head *head,
                        json_t *request, json_t *answer) {
  uint64_t hash = HASH_START;
  add_text(&hash, head->method);
  add_path(&hash, head->path);
  add_query(&hash, head->query);
  add(&hash, &head->status, sizeof head->status);
  add_text(&hash, r->agent);
  add_text(&hash, r->request.type);
  add_text(&hash, r->answer.type);
  if (request)
    add_shape(&hash, request);
  add_text(&hash, "");
  if (answer)
    add_shape(&hash, answer);
  return hash;
}

void dl_record_end(dl_record *r, const dl_record_head *head) {
  if (!r)
    return;
  json_t *request = parse(&r->request);
  json_t *answer = parse(&r->answer);
  pthread_mutex_lock(&lock);
  if (is_new(hash_of(r, head, request, answer)))
    write_line(r, head, json_incref(request), json_incref(answer));
  pthread_mutex_unlock(&lock);
  json_decref(request);
  json_decref(answer);
  dl_record_drop(r);
}

void dl_record_drop(dl_record *r) {
  if (!r)
    return;
  dl_strbuf_free(&r->request.text);
  dl_strbuf_free(&r->answer.text);
  free(r);
}
