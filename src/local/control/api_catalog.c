#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "as.h"
#include "clock.h"
#include "front/preview.h"
#include "catalog.h"

static json_t *text_of(int64_t ms) {
  char text[DL_CLOCK_TEXT];
  dl_clock_iso_ms(ms, text);
  return json_string(text);
}

/* GET /config, without a key */
void dl_api_config(dl_http_request *req) {
  const dl_plane *plane = dl_api_plane(req);
  char *preview = dl_preview_url(plane, "{{PORT}}", "{{sandboxId}}");
  dl_strbuf path = {0};
  if (!preview) {
    dl_strbuf_addf(&path, "%s/{{sandboxId}}/proxy/{{PORT}}",
                   plane->toolbox_url);
    preview = dl_strbuf_detach(&path);
  }
  if (!preview)
    dl_api_broken(req);
  else
    dl_http_reply_json(
        req, 200,
        json_pack("{s:s,s:{s:s,s:s,s:s},s:b,s:{},s:s,s:s,s:s,s:s,s:i,s:b,s:s,"
                  "s:{}}",
                  "version", dl_as_version(), "oidc", "issuer", "", "clientId",
                  "", "audience", "", "linkedAccountsEnabled", 0,
                  "announcements", "proxyTemplateUrl", preview,
                  "proxyToolboxUrl", plane->toolbox_url, "defaultSnapshot",
                  dl_catalog_snapshots->name, "dashboardUrl", plane->url,
                  "maxAutoArchiveInterval", DL_API_MAX_ARCHIVE,
                  "maintananceMode", 0, "environment", "local", "rateLimit"));
  free(preview);
}

void dl_api_health(dl_http_request *req) {
  dl_http_reply_json(req, 200, json_pack("{s:s}", "status", "ok"));
}

void dl_api_current_key(dl_http_request *req) {
  static const char *const permissions[] = {
      "write:registries", "delete:registries", "write:snapshots",
      "delete:snapshots", "write:sandboxes",   "delete:sandboxes",
      "read:volumes",     "write:volumes",     "delete:volumes"};
  const dl_plane *plane = dl_api_plane(req);
  size_t len = strlen(plane->api_key);
  char *mask = strdup(plane->api_key);
  json_t *list = json_array();
  size_t i;
  for (i = 0; i < sizeof permissions / sizeof *permissions; i++)
    json_array_append_new(list, json_string(permissions[i]));
  if (mask && len > 16)
    memset(mask + 4, '*', len - 7);
  else if (mask)
    memset(mask, '*', len);
  dl_http_reply_json(
      req, 200,
      json_pack("{s:s,s:s,s:o,s:o,s:o,s:n,s:s}", "name", "daytona-local",
                "value", mask ? mask : "", "createdAt", text_of(plane->since),
                "permissions", list, "lastUsedAt", text_of(dl_clock_now_ms()),
                "expiresAt", "userId", plane->user_id));
  free(mask);
}

static json_t *region(const dl_plane *plane, const char *name) {
  return json_pack("{s:s,s:s,s:n,s:s,s:o,s:o,s:n,s:n,s:n}", "id", name, "name",
                   name, "organizationId", "regionType", "shared", "createdAt",
                   text_of(plane->since), "updatedAt", text_of(plane->since),
                   "proxyUrl", "sshGatewayUrl", "snapshotManagerUrl");
}

void dl_api_regions(dl_http_request *req) {
  json_t *list = json_array();
  for (size_t i = 0; dl_catalog_regions[i]; i++)
    json_array_append_new(list,
                          region(dl_api_plane(req), dl_catalog_regions[i]));
  dl_http_reply_json(req, 200, list);
}

void dl_api_region(dl_http_request *req) {
  const char *name = dl_catalog_region(dl_http_param(req, "id"));
  if (name)
    dl_http_reply_json(req, 200, region(dl_api_plane(req), name));
  else
    dl_api_fail(req, 404, "Region not found");
}

void dl_api_no_storage(dl_http_request *req) {
  dl_api_fail(req, 503, "Object storage is not configured");
}

void dl_api_no_events(dl_http_request *req) {
  dl_api_unsupported(req, "The event stream is");
}
