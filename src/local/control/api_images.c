#include "api.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "catalog.h"
#include "image.h"
#include "snapshots.h"

/* What sandboxes are made of: snapshots, and names of images where the server
 * was told to take them (--images host). */

#define IMAGE_ASKED "asked" /* in a row: the image that a create named */
#define BLANKS " \t\r"

static const dl_field fields[] = {{"name", DL_FIELD_STRING},
                                  {"imageName", DL_FIELD_STRING},
                                  {"entrypoint", DL_FIELD_ANY},
                                  {"cpu", DL_FIELD_COUNT},
                                  {"gpu", DL_FIELD_GPU},
                                  {"gpuType", DL_FIELD_ANY},
                                  {"memory", DL_FIELD_COUNT},
                                  {"disk", DL_FIELD_COUNT},
                                  {"buildInfo", DL_FIELD_OBJECT},
                                  {"regionId", DL_FIELD_STRING},
                                  {"sandboxClass", DL_FIELD_STRING},
                                  {NULL, DL_FIELD_STRING}};

static void check_entrypoint(const json_t *value, dl_strbuf *problems) {
  if (!value)
    return;
  if (!json_is_array(value))
    dl_fields_problem(problems, "entrypoint must be an array");
  for (size_t i = 0; i < json_array_size(value); i++) {
    if (json_is_string(json_array_get(value, i)))
      continue;
    dl_fields_problem(problems, "each value in entrypoint must be a string");
    return;
  }
}

static bool check_types(dl_http_request *req, const json_t *body) {
  dl_strbuf problems = {0};
  dl_fields_check(body, fields, &problems);
  check_entrypoint(dl_fields_get(body, "entrypoint"), &problems);
  bool ok = problems.len == 0;
  if (!ok)
    dl_api_fail(req, 400, "%s", problems.data);
  dl_strbuf_free(&problems);
  return ok;
}

/* Why the original takes no such image; NULL if it does. */
static const char *refusal(const char *image) {
  const char *slash = strrchr(image, '/');
  const char *tag = strrchr(slash ? slash : image, ':');
  if (tag && strcmp(tag, ":latest") == 0)
    return "Images with tag \":latest\" are not allowed";
  if (!strstr(image, "@sha256:") && (!tag || !tag[1]))
    return "Image name must include a tag (e.g., ubuntu:22.04) or digest "
           "(@sha256:...)";
  return NULL;
}

static bool check_image(dl_http_request *req, const json_t *body) {
  const char *image = dl_fields_text(body, "imageName");
  const char *why = NULL;
  if (dl_fields_get(body, "buildInfo")) {
    dl_api_unsupported(req, "Building a snapshot from a Dockerfile is");
    return false;
  }
  if (!image)
    why = "Must specify an image name when not using a build info entry";
  else
    why = refusal(image);
  if (why) {
    dl_api_fail(req, 400, "%s", why);
    return false;
  }
  if (!dl_api_plane(req)->options->images_of_host)
    dl_api_unsupported(req, "Making a snapshot of an image (without --images "
                            "host) is");
  return dl_api_plane(req)->options->images_of_host;
}

static bool check_place(dl_http_request *req, const json_t *body) {
  const char *region = dl_fields_text(body, "regionId");
  const char *class = dl_fields_text(body, "sandboxClass");
  if (region && !dl_catalog_region(region))
    dl_api_fail(req, 404, "Region not found");
  else if (class && strcmp(class, "container") != 0)
    dl_api_fail(req, 400,
                "No runners are configured in region '%s' for sandbox class "
                "'%s'. Try a different region or sandbox class.",
                region ? region : dl_catalog_regions[0], class);
  else if (json_number_value(dl_fields_get(body, "gpu")) > 0 ||
           json_array_size(dl_fields_get(body, "gpuType")) > 0)
    dl_api_unsupported(req, "A GPU is");
  else
    return true;
  return false;
}

static int64_t size_of(const json_t *body, const char *name, int64_t initial) {
  int64_t n = 0;
  return dl_fields_integer(dl_fields_get(body, name), &n) == 0 && n > 0
             ? n
             : initial;
}

/* There is nothing to be pulled: it can be used at once. */
static void create(dl_http_request *req, dl_plane *plane, const json_t *body) {
  json_t *list = dl_fields_get(body, "entrypoint"), *made = NULL;
  char *entrypoint =
      json_array_size(list) ? json_dumps(list, JSON_COMPACT) : NULL;
  const dl_snapshot *usual = dl_catalog_snapshots;
  dl_snapshot_row row = {dl_fields_text(body, "name"),
                         "pending",
                         dl_fields_text(body, "imageName"),
                         entrypoint,
                         NULL,
                         size_of(body, "cpu", usual->cpu),
                         size_of(body, "memory", usual->memory),
                         size_of(body, "disk", usual->disk)};
  char id[DL_CRYPTO_UUID];
  if (dl_api_snapshot_name(req, plane, dl_fields_get(body, "name"))) {
    if (dl_snapshots_add(plane, &row, id) ||
        dl_snapshots_find(plane, id, &made) != DL_STORE_FOUND ||
        dl_snapshots_become(plane, id, "active", -1, NULL))
      dl_api_broken(req);
    else
      dl_http_reply_json(req, 200, dl_api_snapshot_view(plane, made));
  }
  json_decref(made);
  free(entrypoint);
}

/* POST /snapshots */
void dl_api_snapshot_create(dl_http_request *req) {
  dl_plane *plane = dl_api_plane(req);
  json_t *body = dl_api_body(req);
  if (!body)
    return;
  if (check_types(req, body) && check_place(req, body) &&
      dl_api_knows(req, body, fields) && check_image(req, body)) {
    pthread_mutex_lock(&plane->lock);
    create(req, plane, body);
    pthread_mutex_unlock(&plane->lock);
  }
  json_decref(body);
}

/* The image of a Dockerfile that has nothing but FROM and comments; its length,
 * or 0. */
static size_t only_from(const char *text, const char **image) {
  size_t found = 0, n;
  for (; *text; text += n + (text[n] != '\0')) {
    const char *word = text + strspn(text, BLANKS);
    n = strcspn(text, "\n");
    if (word >= text + n || *word == '#')
      continue;
    if (found || strncasecmp(word, "FROM", 4) || !strchr(BLANKS, word[4]) ||
        !word[4])
      return 0;
    *image = word + 4 + strspn(word + 4, BLANKS);
    found = strcspn(*image, BLANKS "\n");
    word = *image + found;
    if (found == 0 || word + strspn(word, BLANKS) != text + n)
      return 0;
  }
  return found;
}

/* The image that a create asks for by its buildInfo, where the server takes
 * such names; its length, or 0. */
static size_t asked_image(const dl_plane *plane, const json_t *body,
                          const char **image) {
  const json_t *info = dl_fields_get(body, "buildInfo");
  const char *text =
      info ? json_string_value(json_object_get(info, "dockerfileContent"))
           : NULL;
  if (!text || !plane->options->images_of_host ||
      json_array_size(json_object_get(info, "contextHashes")) > 0)
    return 0;
  return only_from(text, image);
}

bool dl_api_takes_image(dl_http_request *req, const json_t *body) {
  const dl_plane *plane = dl_api_plane(req);
  const char *image;
  if (asked_image(plane, body, &image) > 0)
    return true;
  dl_api_unsupported(req, plane->options->images_of_host
                              ? "Building an image (a Dockerfile with more "
                                "than FROM) is"
                              : "Creating a sandbox from an image (buildInfo, "
                                "without --images host) is");
  return false;
}

/* Gives the sandbox the sizes of the create, and notes the image in the row. */
static int ask_image(const dl_plane *plane, const json_t *body, dl_sandbox *sb,
                     json_t *row) {
  const char *image;
  size_t len = asked_image(plane, body, &image);
  if (len == 0)
    return 0;
  sb->cpu = size_of(body, "cpu", sb->cpu);
  sb->memory = size_of(body, "memory", sb->memory);
  sb->disk = size_of(body, "disk", sb->disk);
  return json_object_set_new(row, IMAGE_ASKED, json_stringn(image, len));
}

bool dl_api_is_image(const json_t *row) {
  return json_object_get(row, IMAGE_ASKED) != NULL;
}

json_t *dl_api_read_source(dl_http_request *req, dl_plane *plane,
                           const json_t *body, dl_sandbox *sb) {
  const char *given = dl_fields_text(body, "snapshot");
  const char *key = given ? given : dl_catalog_snapshots->id;
  json_t *row = NULL;
  if (dl_snapshots_find(plane, key, &row) == DL_STORE_NONE)
    dl_api_fail(req, 400,
                "Snapshot %s not found. Did you add it through the Daytona "
                "Dashboard?",
                key);
  if (!row)
    return NULL;
  const char *state = json_string_value(json_object_get(row, "state"));
  sb->cpu = json_integer_value(json_object_get(row, "cpu"));
  sb->memory = json_integer_value(json_object_get(row, "memory"));
  sb->disk = json_integer_value(json_object_get(row, "disk"));
  if (strcmp(state, "active") == 0 &&
      dl_sandbox_set(&sb->snapshot,
                     json_string_value(json_object_get(row, "name"))) == 0 &&
      ask_image(plane, body, sb, row) == 0)
    return row;
  if (strcmp(state, "active") != 0)
    dl_api_fail(req, 400, "Snapshot %s is %s", given, state);
  json_decref(row);
  return NULL;
}

int dl_api_keep_source(dl_plane *plane, dl_sandbox *sb, const json_t *row) {
  const char *image = json_string_value(json_object_get(row, IMAGE_ASKED));
  return image ? dl_image_say(&sb->labels, image)
               : dl_snapshots_give(plane, sb, row);
}
