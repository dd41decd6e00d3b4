#include "as.h"
#include "charts.h"
#include "fd.h"
#include "shell.h"
#include "toolbox/text.h"
#include "toolbox/input.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The code reaches its interpreter through descriptor 3 of the shell, which
 * becomes the interpreter's standard input, so it stands in no file and on no
 * command line. Only ts-node must have a file. */

typedef struct job {
  const char *language;
  const char *code;
  size_t len;
  json_t *argv;
  char file[32]; /* the TypeScript file, "" if there is none */
  dl_strbuf program;
  dl_strbuf script;
} job;

/* Before the command: what stands behind it may be anything, see dl_as. */
#define FROM_CODE "<&3 3<&- "

static void add_arguments(job *j) {
  json_t *item;
  size_t i;
  json_array_foreach(j->argv, i, item) {
    if (dl_as_now()->old_code_run)
      dl_strbuf_addf(&j->script, " %s", json_string_value(item));
    else
      dl_text_add_word(&j->script, json_string_value(item));
  }
}

static void plan_python(job *j) {
  if (dl_charts_wanted(j->code, j->len))
    dl_charts_wrap(j->code, j->len, &j->program);
  else
    dl_strbuf_add(&j->program, j->code, j->len);
  dl_strbuf_adds(&j->script, FROM_CODE "python3 -u -");
  add_arguments(j);
  dl_strbuf_addc(&j->script, '\n');
}

/* On the code's own first line, so that the line numbers in messages stay. */
static const char node_prelude[] = "process.argv.splice(1, 1); ";

static void plan_javascript(job *j) {
  dl_strbuf_adds(&j->program, node_prelude);
  if (dl_as_now()->old_code_run)
    dl_strbuf_addc(&j->program, '\n');
  dl_strbuf_add(&j->program, j->code, j->len);
  dl_strbuf_adds(&j->script, FROM_CODE "node -");
  add_arguments(j);
  dl_strbuf_addc(&j->script, '\n');
}

static int plan_typescript(job *j) {
  strcpy(j->file, "/tmp/dtn_XXXXXX.ts");
  int fd = mkostemps(j->file, 3, O_CLOEXEC);
  if (fd < 0) {
    j->file[0] = '\0';
    return -1;
  }
  int rc = dl_fd_write_all(fd, node_prelude, sizeof node_prelude - 1);
  if (rc == 0)
    rc = dl_fd_write_all(fd, j->code, j->len);
  close(fd);
  dl_strbuf_adds(&j->script,
                 "command -v ts-node >/dev/null || { echo 'ts-node: not found; "
                 "TypeScript needs the ts-node program in the sandbox' >&2; "
                 "exit 127; }\n"
                 /* Where Debian's modules are; only its own node looks there
                  * unasked. */
                 "export NODE_PATH=\"${NODE_PATH:+$NODE_PATH:}"
                 "/usr/share/nodejs\"\n"
                 "ts-node --transpile-only --compiler-options "
                 "'{\"module\":\"CommonJS\"}'");
  dl_text_add_word(&j->script, j->file);
  add_arguments(j);
  dl_strbuf_adds(&j->script, " 3<&-\n");
  return rc;
}

static int plan(job *j) {
  int rc = 0;
  if (strcmp(j->language, "python") == 0)
    plan_python(j);
  else if (strcmp(j->language, "javascript") == 0)
    plan_javascript(j);
  else
    rc = plan_typescript(j);
  return rc || j->program.failed || j->script.failed ? -1 : 0;
}

static void reply(dl_http_request *req, dl_run *run) {
  json_t *charts = dl_charts_take(&run->output);
  json_t *body = json_pack("{s:i, s:o}", "exitCode", run->exit_code, "result",
                           dl_text_json(run->output.data, run->output.len));
  if (charts && body)
    json_object_set_new(body, "artifacts",
                        json_pack("{s:o}", "charts", charts));
  else
    json_decref(charts);
  dl_http_reply_json(req, 200, body);
}

static void run_job(dl_http_request *req, job *j, unsigned timeout,
                    const json_t *envs) {
  dl_run run;
  memset(&run, 0, sizeof run);
  run.timeout = timeout;
  run.extra_fd = -1;
  run.client_fd = dl_http_client_fd(req);
  if (plan(j) == 0)
    run.extra_fd = dl_run_file("code", j->program.data ? j->program.data : "",
                               j->program.len);
  if (run.extra_fd < 0)
    dl_http_reply_error(req, 500, NULL,
                        "internal server error: cannot hold the code");
  else if (dl_shell_run(req, &run, j->script.data, j->script.len, envs))
    reply(req, &run);
  if (run.extra_fd >= 0)
    close(run.extra_fd);
  dl_run_free(&run);
}

static bool is_supported(const char *language) {
  return strcmp(language, "python") == 0 ||
         strcmp(language, "javascript") == 0 ||
         strcmp(language, "typescript") == 0;
}

/* POST /process/code-run */
void dl_code_run_post(dl_http_request *req) {
  job j;
  memset(&j, 0, sizeof j);
  dl_input in;
  dl_input_begin(&in, req, "CodeRunRequest",
                 "invalid body request: ", DL_INPUT_INVALID_BODY);
  j.code = dl_input_bytes(&in, "code", true, &j.len);
  j.language = dl_input_string(&in, "language", true);
  j.argv = dl_input_strings(&in, "argv", false);
  json_t *envs = dl_input_map(&in, "envs");
  unsigned timeout = dl_input_uint32(&in, "timeout");
  if (!dl_input_ok(&in))
    return;
  if (!is_supported(j.language)) {
    dl_http_reply_error(req, 400, NULL, "bad request: unsupported language: %s",
                        j.language);
    return;
  }
  if (dl_shell_valid_envs(req, envs))
    run_job(req, &j, timeout, envs);
  if (*j.file)
    unlink(j.file);
  dl_strbuf_free(&j.program);
  dl_strbuf_free(&j.script);
}
