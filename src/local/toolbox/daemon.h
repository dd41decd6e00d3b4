#ifndef DL_TOOLBOX_DAEMON_H
#define DL_TOOLBOX_DAEMON_H

#include "env.h"
#include "http/http.h"

/* What the handlers know about the sandbox they serve: the context of every
 * request. Constant after the start, except `env` and `sessions`, which lock
 * themselves. */
typedef struct dl_toolbox {
  char *sandbox_id;
  char *home;
  char *work_dir;
  char *version;
  char *shell;
  bool isolated;      /* it sees its own processes only */
  json_t *entrypoint; /* list of words, or NULL: what runs from the start */
  dl_env *env;
  struct dl_sessions *sessions;
} dl_toolbox;

#pragma GCC visibility push(hidden)

/* daemon.c */
dl_toolbox *dl_daemon_of(const dl_http_request *req);

/* config.c */
dl_toolbox *dl_config_read(const char *text, const char **error);
void dl_config_free(dl_toolbox *toolbox);

/* envelope.c */
void dl_envelope_write(dl_http_request *req, unsigned status, const char *code,
                       const char *message);
json_t *dl_envelope_make(const char *method, const char *path, unsigned status,
                         const char *code, const char *message);
const char *dl_envelope_kind(unsigned status);
const char *dl_envelope_errno(int error, char *buffer, size_t size);

/* routes.c */
extern const dl_http_route dl_routes[];
void dl_routes_not_found(dl_http_request *req);

/* info.c, metrics.c, ports.c */
void dl_info_version(dl_http_request *req);
void dl_info_work_dir(dl_http_request *req);
void dl_info_home_dir(dl_http_request *req);
void dl_info_init(dl_http_request *req);
void dl_info_env(dl_http_request *req);
void dl_metrics_get(dl_http_request *req);
void dl_ports_list(dl_http_request *req);
void dl_ports_in_use(dl_http_request *req);

/* process/execute.c, process/code_run.c */
void dl_execute_post(dl_http_request *req);
void dl_code_run_post(dl_http_request *req);

/* proxy.c */
void dl_proxy_begin(dl_http_request *req);
void dl_proxy_redirect(dl_http_request *req);

#pragma GCC visibility pop

#endif
