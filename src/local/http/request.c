#include "internal.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/hex.h"

char *dl_http_decode(const char *s, size_t len, bool plus_is_space) {
  dl_strbuf out = {0};
  dl_strbuf_reserve(&out, len);
  for (size_t i = 0; i < len; i++) {
    int high, low;
    if (s[i] == '%' && i + 2 < len && (high = dt_hex_value(s[i + 1])) >= 0 &&
        (low = dt_hex_value(s[i + 2])) >= 0) {
      char c = (char)(high * 16 + low);
      if (c)
        dl_strbuf_addc(&out, c);
      else
        dl_strbuf_adds(&out, "\xEF\xBF\xBD");
      i += 2;
    }
    else
      dl_strbuf_addc(&out, plus_is_space && s[i] == '+' ? ' ' : s[i]);
  }
  return dl_strbuf_detach(&out);
}

static int parse_path(dl_http_request *req) {
  const char *p = req->raw_path;
  size_t n = 1, i;
  if (*p == '/')
    p++;
  for (i = 0; p[i]; i++)
    n += p[i] == '/';
  req->segments = calloc(n, sizeof *req->segments);
  req->starts = calloc(n, sizeof *req->starts);
  if (!req->segments || !req->starts)
    return -1;
  for (i = 0; i < n; i++) {
    size_t len = strcspn(p, "/");
    req->starts[i] = (size_t)(p - req->raw_path);
    req->segments[i] = dl_http_decode(p, len, false);
    if (!req->segments[i])
      return -1;
    req->n_segments++;
    p += len + 1;
  }
  return 0;
}

static int parse_query(dl_http_request *req) {
  const char *p = req->raw_query;
  size_t n = 1, i;
  if (!*p)
    return 0;
  for (i = 0; p[i]; i++)
    n += p[i] == '&';
  req->query = calloc(n, sizeof *req->query);
  if (!req->query)
    return -1;
  for (i = 0; i < n; i++) {
    size_t len = strcspn(p, "&"), key = strcspn(p, "=&");
    if (len > 0) {
      dl_http_pair *pair = &req->query[req->n_query++];
      bool has_value = key < len;
      pair->name = dl_http_decode(p, key, true);
      pair->value = dl_http_decode(has_value ? p + key + 1 : p,
                                   has_value ? len - key - 1 : 0, true);
      if (!pair->name || !pair->value)
        return -1;
    }
    p += len + 1;
  }
  return 0;
}

/* Joins the decoded segments that were not dropped. */
static int join_path(dl_http_request *req) {
  dl_strbuf out = {0};
  for (size_t i = req->first; i < req->n_segments; i++)
    dl_strbuf_addf(&out, "/%s", req->segments[i]);
  if (req->first == req->n_segments)
    dl_strbuf_addc(&out, '/');
  free(req->path);
  req->path = dl_strbuf_detach(&out);
  return req->path ? 0 : -1;
}

dl_http_request *dl_http_request_new(dl_http_server *server, const char *uri,
                                     struct MHD_Connection *connection) {
  dl_http_request *req = calloc(1, sizeof *req);
  size_t path_len = strcspn(uri, "?");
  if (!req)
    return NULL;
  req->server = server;
  req->connection = connection;
  req->method = "";
  req->raw_path = strndup(uri, path_len);
  req->raw_query = strdup(uri[path_len] ? uri + path_len + 1 : "");
  if (!req->raw_path || !req->raw_query || parse_path(req) ||
      parse_query(req) || join_path(req)) {
    dl_http_request_free(req);
    return NULL;
  }
  return req;
}

void dl_http_request_free(dl_http_request *req) {
  if (req->release)
    req->release(req->state);
  if (req->websocket)
    req->abandon(req->websocket);
  for (size_t i = 0; i < req->n_segments; i++)
    free(req->segments[i]);
  for (size_t i = 0; i < req->n_query; i++) {
    free(req->query[i].name);
    free(req->query[i].value);
  }
  while (req->headers) {
    dl_http_extra *next = req->headers->next;
    free(req->headers->name);
    free(req->headers->value);
    free(req->headers);
    req->headers = next;
  }
  if (req->response)
    MHD_destroy_response(req->response);
  json_decref(req->json);
  dl_record_drop(req->record);
  dl_strbuf_free(&req->body);
  free(req->segments);
  free(req->starts);
  free(req->query);
  free(req->path);
  free(req->raw_path);
  free(req->raw_query);
  free(req);
}

static bool match(dl_http_request *req, const char *pattern) {
  size_t i = req->first;
  const char *p = pattern + 1;
  req->n_params = 0;
  for (;; i++) {
    size_t len = strcspn(p, "/");
    if (i == req->n_segments)
      return false;
    if (len == 1 && *p == '*') {
      req->rest = i;
      return true;
    }
    if (len > 1 && *p == '{') {
      if (!*req->segments[i] || req->n_params == DL_HTTP_MAX_PARAMS)
        return false;
      req->params[req->n_params].name = (char *)(uintptr_t)(p + 1);
      req->param_lengths[req->n_params] = len - 2;
      req->params[req->n_params++].value = req->segments[i];
    }
    else if (strlen(req->segments[i]) != len ||
             memcmp(req->segments[i], p, len) != 0)
      return false;
    if (!p[len])
      return i + 1 == req->n_segments ||
             (!req->server->config.redirect_slash && i + 2 == req->n_segments &&
              !*req->segments[i + 1]);
    p += len + 1;
  }
}

bool dl_http_request_route(dl_http_request *req) {
  const dl_http_route *route;
  for (route = req->server->config.routes; route->method; route++) {
    if (strcmp(route->method, "*") != 0 &&
        strcmp(route->method, req->method) != 0)
      continue;
    if (match(req, route->pattern)) {
      req->route = route;
      return true;
    }
  }
  req->n_params = 0;
  return false;
}

/* The `context` of the server's config. */
void *dl_http_context(const dl_http_request *req) {
  return req->server->config.context;
}

const char *dl_http_method(const dl_http_request *req) {
  return req->method;
}

const char *dl_http_path(const dl_http_request *req) {
  return req->path;
}

const char *dl_http_raw_path(const dl_http_request *req) {
  return req->raw_path;
}

const char *dl_http_raw_query(const dl_http_request *req) {
  return req->raw_query;
}

const char *dl_http_raw_rest(const dl_http_request *req) {
  return req->raw_path + req->starts[req->rest];
}

const char *dl_http_segment(const dl_http_request *req, size_t index) {
  size_t i = req->first + index;
  return i < req->n_segments ? req->segments[i] : NULL;
}

void dl_http_drop_segments(dl_http_request *req, size_t count) {
  size_t left = req->n_segments - req->first;
  req->first += count < left ? count : left;
  join_path(req);
}

const char *dl_http_param(const dl_http_request *req, const char *name) {
  size_t i, len = strlen(name);
  for (i = 0; i < req->n_params; i++) {
    if (req->param_lengths[i] == len &&
        memcmp(req->params[i].name, name, len) == 0)
      return req->params[i].value;
  }
  return NULL;
}

const char *dl_http_query(const dl_http_request *req, const char *name) {
  return dl_http_query_at(req, name, 0);
}

const char *dl_http_query_name(const dl_http_request *req, size_t index) {
  return index < req->n_query ? req->query[index].name : NULL;
}

const char *dl_http_query_at(const dl_http_request *req, const char *name,
                             size_t index) {
  size_t i, len = strlen(name);
  for (i = 0; i < req->n_query; i++) {
    const char *key = req->query[i].name;
    if (strncmp(key, name, len) != 0 ||
        (key[len] && strcmp(key + len, "[]") != 0))
      continue;
    if (index-- == 0)
      return req->query[i].value;
  }
  return NULL;
}

const char *dl_http_header(const dl_http_request *req, const char *name) {
  return MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name);
}

void dl_http_each_header(dl_http_request *req, MHD_KeyValueIterator visit,
                         void *arg) {
  MHD_get_connection_values(req->connection, MHD_HEADER_KIND, visit, arg);
}

int dl_http_client_fd(const dl_http_request *req) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(
      req->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

const char *dl_http_bearer(const dl_http_request *req) {
  const char *value = dl_http_header(req, "Authorization");
  if (!value || strncasecmp(value, "Bearer", 6) != 0 || value[6] != ' ')
    return NULL;
  value += 6;
  while (*value == ' ')
    value++;
  return *value ? value : NULL;
}

int dl_http_peer(const dl_http_request *req, char text[DL_HTTP_PEER]) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(
      req->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  const struct sockaddr *at = info ? info->client_addr : NULL;
  socklen_t len = at && at->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                  : sizeof(struct sockaddr_in);
  return at && getnameinfo(at, len, text, DL_HTTP_PEER, NULL, 0,
                           NI_NUMERICHOST) == 0
             ? 0
             : -1;
}

const char *dl_http_data(const dl_http_request *req, size_t *len) {
  *len = req->body.len;
  return req->body.data ? req->body.data : "";
}

/* Invalid UTF-8 becomes U+FFFD, as in the original servers; the JSON library
 * would refuse it. */
static json_t *parse_json(dl_http_request *req, json_error_t *error) {
  const size_t flags =
      JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL;
  dl_strbuf clean = {0};
  json_t *json;
  if (dl_strbuf_is_utf8(req->body.data, req->body.len))
    return json_loadb(req->body.data, req->body.len, flags, error);
  if (dl_strbuf_add_utf8(&clean, req->body.data, req->body.len))
    return NULL;
  json = json_loadb(clean.data, clean.len, flags, error);
  dl_strbuf_free(&clean);
  return json;
}

json_t *dl_http_json(dl_http_request *req, const char **error) {
  json_error_t why;
  if (!req->json && !req->json_error) {
    if (req->body.len == 0)
      req->json_error = "EOF";
    else {
      memset(&why, 0, sizeof why);
      req->json = parse_json(req, &why);
      if (!req->json) {
        snprintf(req->json_text, sizeof req->json_text, "%s",
                 *why.text ? why.text : "out of memory");
        req->json_error = req->json_text;
      }
    }
  }
  if (error)
    *error = req->json_error;
  return req->json;
}

void dl_http_set_state(dl_http_request *req, void *state,
                       void (*release)(void *state)) {
  if (req->release)
    req->release(req->state);
  req->state = state;
  req->release = release;
}

void *dl_http_state(const dl_http_request *req) {
  return req->state;
}

void *dl_http_take_state(dl_http_request *req) {
  void *state = req->state;
  req->state = NULL;
  req->release = NULL;
  return state;
}
