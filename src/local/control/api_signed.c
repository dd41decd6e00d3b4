#include "api.h"
#include "signing.h"

static void reply_key(dl_http_request *req, const char *key) {
  dl_http_reply_json(req, 200, json_string(key));
}

static void get_key(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  char key[DL_SIGNING_KEY];
  if (dl_signing_key(plane->store, sb->id, key))
    dl_api_broken(req);
  else
    reply_key(req, key);
}

/* GET /sandbox/{id}/signing-key, by id only */
void dl_api_signing_key(dl_http_request *req) {
  dl_api_on_sandbox_id(req, get_key);
}

static void rotate_key(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  char key[DL_SIGNING_KEY];
  if (dl_signing_rotate(plane->store, sb->id, key))
    dl_api_broken(req);
  else
    reply_key(req, key);
}

/* POST /sandbox/{id}/signing-key/rotate, by id only */
void dl_api_rotate_signing_key(dl_http_request *req) {
  dl_api_on_sandbox_id(req, rotate_key);
}
