#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "as.h"
#include "clock.h"
#include "series.h"

/* What a sandbox took, as far as the server has looked. */

static double cpu(const dl_sample *s) {
  return s->cpu;
}

static double cores(const dl_sample *s) {
  return (double)s->cores;
}

static double memory(const dl_sample *s) {
  return (double)s->memory;
}

static double memory_limit(const dl_sample *s) {
  return (double)s->memory_limit;
}

static double disk(const dl_sample *s) {
  return (double)s->disk;
}

static double disk_limit(const dl_sample *s) {
  return (double)s->disk_limit;
}

static const struct {
  const char *name;
  double (*value)(const dl_sample *s);
} metrics[] = {{"daytona.sandbox.cpu.utilization", cpu},
               {"daytona.sandbox.cpu.limit", cores},
               {"daytona.sandbox.memory.usage", memory},
               {"daytona.sandbox.memory.limit", memory_limit},
               {"daytona.sandbox.filesystem.usage", disk},
               {"daytona.sandbox.filesystem.total", disk_limit}};

/* Whether the name is asked for: where none is, all are. */
static bool is_wanted(const dl_http_request *req, const char *name) {
  const char *text;
  size_t i;
  for (i = 0; (text = dl_http_query_at(req, "metricNames", i)); i++) {
    if (strcmp(text, name) == 0)
      return true;
  }
  return i == 0;
}

static json_t *points_of(const dl_sample *samples, size_t count,
                         double (*value)(const dl_sample *s)) {
  json_t *points = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(points, json_pack("{s:o,s:f}", "timestamp",
                                            dl_view_time(samples[i].at),
                                            "value", value(&samples[i])));
  return points;
}

static void read_time(dl_http_request *req, const char *name, int64_t *out,
                      dl_strbuf *problems) {
  const char *text = dl_http_query(req, name);
  if (!text || dl_clock_parse_iso(text, out))
    dl_fields_problem(problems, "%s must be a Date instance", name);
}

static void reply(dl_http_request *req, dl_plane *plane, dl_sandbox *sb) {
  dl_strbuf problems = {0};
  dl_sample *samples = NULL;
  int64_t from = 0, to = 0;
  (void)plane;
  read_time(req, "from", &from, &problems);
  read_time(req, "to", &to, &problems);
  if (problems.len > 0) {
    dl_api_fail(req, 400, "%s", problems.data);
    dl_strbuf_free(&problems);
    return;
  }
  json_t *series = json_array();
  size_t n = dl_series_read(sb->id, from, to, &samples);
  for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
    if (is_wanted(req, metrics[i].name))
      json_array_append_new(series,
                            json_pack("{s:s,s:o}", "metricName",
                                      metrics[i].name, "dataPoints",
                                      points_of(samples, n, metrics[i].value)));
  }
  free(samples);
  dl_http_reply_json(req, 200, json_pack("{s:o}", "series", series));
}

/* GET /sandbox/{id}/telemetry/metrics?from=&to=&metricNames=, by id only */
void dl_api_metrics(dl_http_request *req) {
  if (dl_as_now()->no_newer)
    dl_api_no_telemetry(req);
  else
    dl_api_on_sandbox_id(req, reply);
}
