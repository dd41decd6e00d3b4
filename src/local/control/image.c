#include "image.h"

#include <jansson.h>
#include <stdlib.h>

#include "strbuf.h"

#define LABEL "daytona-local/image"

int dl_image_say(char **labels, const char *image) {
  json_t *object = json_loads(*labels, JSON_ALLOW_NUL, NULL);
  dl_strbuf said = {0};
  char *text = NULL;
  dl_strbuf_addf(&said, "the programs of the host, not those of %s", image);
  if (object && !said.failed &&
      json_object_set_new(object, LABEL, json_string(said.data)) == 0)
    text = json_dumps(object, JSON_COMPACT);
  dl_strbuf_free(&said);
  json_decref(object);
  if (!text)
    return -1;
  free(*labels);
  *labels = text;
  return 0;
}

char *dl_image_log(const char *labels) {
  json_t *object = json_loads(labels, JSON_ALLOW_NUL, NULL);
  const char *said = json_string_value(json_object_get(object, LABEL));
  const bool is_image = said != NULL;
  dl_strbuf log = {0};
  if (is_image)
    dl_strbuf_addf(&log,
                   "daytona-local --images host: nothing was pulled or built; "
                   "the sandbox has %s\n",
                   said);
  json_decref(object);
  return is_image ? dl_strbuf_detach(&log) : NULL;
}
