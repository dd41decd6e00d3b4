#include "door.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "clock.h"
#include "relay/relay.h"
#include "websocket/websocket.h"
#include "control/signing.h"
#include "credentials.h"
#include "places.h"
#include "onward.h"
#include "preview.h"
#include "signed_file.h"
#include "toolbox_socket.h"

static bool is_segment(const dl_http_request *req, size_t i, const char *text) {
  const char *segment = dl_http_segment(req, i);
  return segment && strcmp(segment, text) == 0;
}

/* What the published list of codes has; NULL where it has nothing, for some
 * clients read no answer whose code they do not know. */
static const char *code_of(unsigned status) {
  static const struct {
    unsigned status;
    const char *code;
  } codes[] = {{400, "BAD_REQUEST"},
               {401, "UNAUTHORIZED"},
               {404, "NOT_FOUND"},
               {500, "INTERNAL_SERVER_ERROR"}};
  size_t i;
  for (i = 0; i < sizeof codes / sizeof *codes; i++) {
    if (codes[i].status == status)
      return codes[i].code;
  }
  return NULL;
}

static void refuse(dl_http_request *req, unsigned status, const char *message) {
  char now[DL_CLOCK_TEXT];
  dl_strbuf path = {0};
  const char *raw = dl_http_raw_path(req);
  dl_clock_iso_ms(dl_clock_now_ms(), now);
  dl_strbuf_add_utf8(&path, raw, strlen(raw));
  dl_http_reply_json(req, status,
                     json_pack("{s:i,s:s,s:s*,s:s,s:s,s:s,s:s}", "statusCode",
                               (int)status, "message", message, "code",
                               code_of(status), "timestamp", now, "path",
                               path.data ? path.data : "", "method",
                               dl_http_method(req), "source", "DAYTONA_PROXY"));
  dl_strbuf_free(&path);
}

static bool is_up(const dl_sandbox *sb) {
  return sb->state == DL_STARTED || sb->state == DL_STARTING ||
         sb->state == DL_CREATING || sb->state == DL_STOPPING ||
         sb->state == DL_RESIZING ||
         (sb->desired_state == DL_STARTED &&
          (sb->state == DL_SNAPSHOTTING || sb->state == DL_FORKING));
}

/* What stands behind /toolbox/{id}/proxy/2280, which is the toolbox, too; NULL
 * for another path. */
static const char *behind_own_port(const dl_visit *visit, const char *raw) {
  static const char own[] = "/proxy/2280/";
  const char *id = strchr(raw + 1, '/');
  const char *rest = id ? strchr(id + 1, '/') : NULL;
  return !visit->by_host && rest && strncmp(rest, own, sizeof own - 1) == 0
             ? rest + sizeof own - 2
             : NULL;
}

/* Where the visit leads in the toolbox. 0, or -1 without memory. */
static int add_path(dl_strbuf *path, const dl_visit *visit) {
  const char *raw = dl_http_raw_path(visit->req);
  const char *behind = behind_own_port(visit, raw);
  if (behind) {
    dl_strbuf_addf(path, "/toolbox/%s", visit->id);
    raw = behind;
  }
  if (visit->by_host)
    dl_strbuf_addf(path, "/toolbox/%s", visit->id);
  if (visit->by_host && visit->port != DL_VISIT_TOOLBOX)
    dl_strbuf_addf(path, "/proxy/%u", visit->port);
  return dl_strbuf_adds(path, raw);
}

static int add_query(dl_strbuf *query, const dl_visit *visit) {
  return visit->signed_file
             ? dl_signed_file_query(query, visit->req)
             : dl_onward_add_query(query, dl_http_raw_query(visit->req));
}

/* Takes the answer's headers. An application knows itself as localhost, so the
 * places it names there are made those that the visitor knows. */
static void answer(dl_http_request *req, const char *name, const char *value) {
  dl_strbuf place = {0};
  if (strcasecmp(name, "Location") == 0 &&
      dl_preview_moves(dl_http_context(req), req, value, &place))
    value = place.data;
  dl_http_add_header(req, name, value);
  dl_strbuf_free(&place);
}

static void refuse_crowd(dl_http_request *req) {
  dl_http_add_header(req, "Retry-After", "1");
  refuse(req, 503, "too many connections to this sandbox");
}

/* Connects to the toolbox and takes a place there. False where that cannot be,
 * which was replied then. */
static bool reach(dl_visit *visit, const dl_plane *plane, const dl_sandbox *sb,
                  dl_relay_target *to) {
  dl_http_request *req = visit->req;
  bool visitor =
      !visit->by_key && !dl_credentials_is_key(plane, dl_http_bearer(req));
  dl_place *place = dl_place_take(sb->id, visitor, dl_http_capacity(req));
  if (!place) {
    refuse_crowd(req);
    return false;
  }
  to->fd = is_up(sb) ? dl_toolbox_socket_connect(&plane->dir, sb->id,
                                                 to->keep != NULL)
                     : -1;
  to->leave = dl_place_leave;
  to->place = place;
  if (to->fd >= 0)
    return true;
  dl_place_leave(place);
  refuse(req, 400,
         "bad request: failed to resolve container IP after 3 attempts: no "
         "IP address found. Is the Sandbox started?");
  return false;
}

/* Only the toolbox itself answers there in a way that is known to leave the
 * connection good for another request. One that becomes something else, or may
 * be refused before its body, has a connection of its own. */
static bool keeps(const dl_visit *visit) {
  return visit->port == DL_VISIT_TOOLBOX && !dl_websocket_wanted(visit->req) &&
         !dl_http_header(visit->req, "Expect");
}

static void pass_on(dl_visit *visit, const dl_plane *plane,
                    const dl_sandbox *sb) {
  dl_http_request *req = visit->req;
  char *host = dl_onward_host(visit);
  dl_strbuf path = {0}, query = {0}, more = {0};
  dl_relay_target to = {.fd = -1,
                        .host = host,
                        .drops = dl_onward_drops,
                        .arg = visit,
                        .passes_loss = true,
                        .borrows = visit->port == DL_VISIT_TOOLBOX,
                        .keep = keeps(visit) ? dl_place_keep : NULL,
                        .answers = visit->by_host ? answer : NULL};
  if (!host || add_path(&path, visit) || add_query(&query, visit) ||
      dl_onward_add_headers(&more, visit))
    refuse(req, 500, "out of memory");
  else if (reach(visit, plane, sb, &to)) {
    to.path = path.data;
    to.query = query.data ? query.data : "";
    to.more = more.data;
    dl_relay_begin(req, &to);
  }
  dl_strbuf_free(&path);
  dl_strbuf_free(&query);
  dl_strbuf_free(&more);
  free(host);
}

/* Whether a browser goes to a page by itself, and will come again with what it
 * is told. Two slashes would name another host. */
static bool goes_to_page(const dl_http_request *req) {
  const char *mode = dl_http_header(req, "Sec-Fetch-Mode");
  const char *what = dl_http_header(req, "Sec-Fetch-Dest");
  return strcmp(dl_http_method(req), "GET") == 0 && mode &&
         strcmp(mode, "navigate") == 0 && what &&
         strcmp(what, "document") == 0 &&
         !strchr("/\\",
                 dl_http_raw_path(req)[1] ? dl_http_raw_path(req)[1] : ' ');
}

/* A token in the query becomes a cookie. From a page's own address it is taken
 * off besides, or the page's program would find it there. True if that is the
 * answer. */
static bool remember(const dl_visit *visit, const dl_sandbox *sb) {
  dl_http_request *req = visit->req;
  dl_strbuf query = {0}, to = {0};
  if (!visit->by_host || !visit->by_query)
    return false;
  dl_credentials_remember(sb, visit);
  if (!goes_to_page(req))
    return false;
  dl_onward_add_query(&query, dl_http_raw_query(req));
  dl_strbuf_addf(&to, "%s%s%s", dl_http_raw_path(req), query.len ? "?" : "",
                 query.len ? query.data : "");
  if (!query.failed && !to.failed) {
    dl_http_add_header(req, "Location", to.data);
    dl_http_add_header(req, "Cache-Control", "no-store");
    dl_http_reply_empty(req, 302);
  }
  dl_strbuf_free(&query);
  dl_strbuf_free(&to);
  return dl_http_replied(req);
}

/* What the server knows of the sandbox that is visited. */
typedef struct record {
  dl_sandbox sb;
  int found;
  char key[DL_SIGNING_KEY]; /* of its signatures */
  bool has_key;
  bool stopping; /* the server */
} record;

/* In the place of an id a host may name the token of a signed preview, which
 * opens this one port. Locked. */
static void look_up_token(dl_visit *visit, const dl_plane *plane, record *r) {
  char *id = NULL;
  r->found = dl_signing_sandbox(plane->store, visit->port, visit->id,
                                dl_plane_now(plane), &id);
  if (r->found == DL_STORE_FOUND)
    r->found = dl_store_get(plane->store, id, &r->sb);
  free(id);
  visit->by_token = r->found == DL_STORE_FOUND;
  if (visit->by_token)
    visit->id = r->sb.id;
}

static void look_up(dl_visit *visit, dl_plane *plane, record *r) {
  pthread_mutex_lock(&plane->lock);
  r->stopping = plane->stopping;
  r->found = dl_store_get(plane->store, visit->id, &r->sb);
  if (visit->by_host && r->found == DL_STORE_NONE)
    look_up_token(visit, plane, r);
  r->has_key =
      visit->signed_file && r->found == DL_STORE_FOUND &&
      dl_signing_find(plane->store, r->sb.id, r->key) == DL_STORE_FOUND;
  pthread_mutex_unlock(&plane->lock);
}

/* Why the visitor's credential does not do, NULL if it does. Who names a
 * sandbox that is not there by a host name needs none to learn so: that nothing
 * has a made-up name is no secret. */
static const char *turns_away(dl_visit *visit, const dl_plane *plane,
                              const record *r, unsigned *status) {
  *status = 401;
  if (visit->signed_file)
    return dl_signed_file_refuses(visit->req, r->has_key ? r->key : NULL,
                                  status);
  if (visit->by_token || dl_credentials_open(plane, &r->sb, visit))
    return NULL;
  if (visit->by_host && r->found == DL_STORE_NONE)
    return dl_signing_is_token(visit->id)
               ? "unauthorized: invalid or expired token"
               : NULL;
  return "unauthorized: invalid credentials";
}

/* Lets the visitor in, or says why not. */
static void receive(dl_visit *visit) {
  dl_http_request *req = visit->req;
  dl_plane *plane = dl_http_context(req);
  record r = {.found = DL_STORE_ERROR};
  const char *why;
  unsigned status;
  look_up(visit, plane, &r);
  why = turns_away(visit, plane, &r, &status);
  if (why)
    refuse(req, status, why);
  else if (r.stopping)
    refuse(req, 503, "the server is stopping");
  else if (r.found == DL_STORE_ERROR)
    refuse(req, 500, "the sandbox cannot be read");
  else if (r.found != DL_STORE_FOUND)
    refuse(req, 404, "not found: sandbox container not found");
  else if (!remember(visit, &r.sb) && dl_http_admit(req))
    pass_on(visit, plane, &r.sb);
  dl_sandbox_clear(&r.sb);
}

/* The port of /toolbox/{id}/proxy/{port}; of anything else the toolbox's. */
static unsigned proxy_port(const dl_http_request *req) {
  const char *text = dl_http_segment(req, 3);
  char *end;
  unsigned long port;
  if (!is_segment(req, 2, "proxy") || !text || *text < '0' || *text > '9')
    return DL_VISIT_TOOLBOX;
  port = strtoul(text, &end, 10);
  return *end || port > 65535 ? DL_VISIT_TOOLBOX : (unsigned)port;
}

/* ANY /toolbox/{id}/..., before the body */
void dl_door_begin(dl_http_request *req) {
  dl_visit visit = {.req = req,
                    .id = dl_http_param(req, "id"),
                    .port = proxy_port(req),
                    .signed_file = dl_signed_file_asks(req)};
  receive(&visit);
}

/* Anything that is asked of a preview's host, before the body */
static void begin_preview(dl_http_request *req) {
  dl_preview named;
  dl_visit visit = {.req = req, .by_host = true};
  if (!dl_preview_parse(dl_http_context(req), dl_http_header(req, "Host"),
                        &named))
    refuse(req, 500, "this is no preview");
  else if (named.port == 0)
    refuse(req, 400, "bad request: invalid port");
  else {
    visit.id = named.rest;
    visit.port = named.port;
    receive(&visit);
  }
}

static const dl_http_route preview_route = {"*", "/*",          dl_relay_finish,
                                            0,   begin_preview, dl_relay_body};

/* Whether the door answers, which looks for credentials of its own: a preview's
 * host, whatever the path, or the path of a toolbox. */
bool dl_door_takes(dl_http_request *req) {
  dl_preview named;
  if (dl_preview_parse(dl_http_context(req), dl_http_header(req, "Host"),
                       &named)) {
    dl_http_take(req, &preview_route);
    return true;
  }
  return is_segment(req, 0, "toolbox") && dl_http_segment(req, 2);
}
