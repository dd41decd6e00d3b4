#include "daemon.h"
#include "relay/relay.h"
#include "toolbox/files/files.h"
#include "toolbox/git/git.h"
#include "toolbox/interpreter/interpreter.h"
#include "toolbox/lsp/lsp.h"
#include "toolbox/terminal/pty.h"
#include "toolbox/session/api.h"

/* A command or a program may be long; what holds it is counted in memory. */
#define LARGE ((size_t)256 << 20)

static void not_supported(dl_http_request *req) {
  dl_http_reply_error(req, 501, NULL, "%s is not supported by daytona-local",
                      dl_http_path(req));
}

static void no_display(dl_http_request *req) {
  dl_http_reply_error(req, 501, NULL,
                      "%s %s is not supported by daytona-local, which has no "
                      "display",
                      dl_http_method(req), dl_http_path(req));
}

/* Answers what the original's router answers. */
void dl_routes_not_found(dl_http_request *req) {
  dl_http_reply_text(req, 404, "text/plain", "404 page not found");
}

#define PLAIN(method, pattern, handler)                                        \
  { method, pattern, handler, 0, NULL, NULL }
#define BODY(method, pattern, handler)                                         \
  { method, pattern, handler, LARGE, NULL, NULL }
#define STREAM(method, pattern, name)                                          \
  { method, pattern, name##_finish, 0, name##_begin, name##_body }

const dl_http_route dl_routes[] = {
    PLAIN("GET", "/version", dl_info_version),
    PLAIN("GET", "/work-dir", dl_info_work_dir),
    PLAIN("GET", "/user-home-dir", dl_info_home_dir),
    PLAIN("GET", "/project-dir", dl_info_home_dir),
    PLAIN("POST", "/init", dl_info_init),
    PLAIN("POST", "/env", dl_info_env),
    PLAIN("GET", "/system/metrics", dl_metrics_get),
    BODY("POST", "/process/execute", dl_execute_post),
    BODY("POST", "/process/code-run", dl_code_run_post),
    PLAIN("GET", "/files", dl_files_list),
    PLAIN("GET", "/files/", dl_files_list),
    PLAIN("DELETE", "/files", dl_files_delete),
    PLAIN("DELETE", "/files/", dl_files_delete),
    PLAIN("GET", "/files/info", dl_files_info),
    PLAIN("POST", "/files/folder", dl_files_folder),
    PLAIN("POST", "/files/move", dl_files_move),
    PLAIN("POST", "/files/permissions", dl_files_permissions),
    PLAIN("GET", "/files/find", dl_files_find),
    PLAIN("GET", "/files/search", dl_files_search),
    BODY("POST", "/files/replace", dl_files_replace),
    PLAIN("GET", "/files/download", dl_files_download),
    BODY("POST", "/files/bulk-download", dl_files_bulk_download),
    {"POST", "/files/upload", dl_files_upload_finish, 0, dl_files_upload_begin,
     dl_files_upload_body},
    {"POST", "/files/upload-v2", dl_files_upload_finish, 0,
     dl_files_upload_v2_begin, dl_files_upload_body},
    STREAM("POST", "/files/bulk-upload", dl_files_bulk_upload),
    PLAIN("POST", "/git/clone", dl_git_clone),
    PLAIN("POST", "/git/init", dl_git_init),
    PLAIN("GET", "/git/status", dl_git_status),
    PLAIN("GET", "/git/history", dl_git_history),
    BODY("POST", "/git/add", dl_git_add),
    BODY("POST", "/git/commit", dl_git_commit),
    PLAIN("GET", "/git/branches", dl_git_branches),
    PLAIN("POST", "/git/branches", dl_git_branch_create),
    PLAIN("DELETE", "/git/branches", dl_git_branch_delete),
    PLAIN("POST", "/git/checkout", dl_git_checkout),
    PLAIN("POST", "/git/push", dl_git_push),
    PLAIN("POST", "/git/pull", dl_git_pull),
    PLAIN("GET", "/git/remotes", dl_git_remotes),
    PLAIN("POST", "/git/remotes", dl_git_remote_add),
    BODY("POST", "/git/reset", dl_git_reset),
    BODY("POST", "/git/restore", dl_git_restore),
    PLAIN("GET", "/git/config", dl_git_config_get),
    PLAIN("POST", "/git/config", dl_git_config_set),
    PLAIN("POST", "/git/config/user", dl_git_config_user),
    PLAIN("POST", "/git/credentials", dl_git_credentials),
    PLAIN("GET", "/port", dl_ports_list),
    PLAIN("GET", "/port/{port}/in-use", dl_ports_in_use),
    PLAIN("*", "/proxy/{port}", dl_proxy_redirect),
    {"*", "/proxy/{port}/*", dl_relay_finish, 0, dl_proxy_begin, dl_relay_body},
    PLAIN("POST", "/process/session", dl_session_post),
    PLAIN("GET", "/process/session", dl_session_list),
    PLAIN("GET", "/process/session/entrypoint/logs", dl_session_logs_get),
    PLAIN("GET", "/process/session/{sessionId}", dl_session_get),
    PLAIN("DELETE", "/process/session/{sessionId}", dl_session_delete),
    BODY("POST", "/process/session/{sessionId}/exec", dl_session_exec_post),
    PLAIN("GET", "/process/session/{sessionId}/command/{commandId}",
          dl_session_command_get),
    BODY("POST", "/process/session/{sessionId}/command/{commandId}/input",
         dl_session_input_post),
    PLAIN("GET", "/process/session/{sessionId}/command/{commandId}/logs",
          dl_session_logs_get),
    PLAIN("POST", "/process/pty", dl_pty_post),
    PLAIN("GET", "/process/pty", dl_pty_get_all),
    PLAIN("GET", "/process/pty/create-connect", dl_pty_create_connect),
    PLAIN("GET", "/process/pty/{id}", dl_pty_get),
    PLAIN("DELETE", "/process/pty/{id}", dl_pty_remove),
    PLAIN("GET", "/process/pty/{id}/connect", dl_pty_connect),
    PLAIN("POST", "/process/pty/{id}/resize", dl_pty_post_size),
    PLAIN("GET", "/process/interpreter/context", dl_interpreter_list),
    PLAIN("POST", "/process/interpreter/context", dl_interpreter_create),
    PLAIN("DELETE", "/process/interpreter/context/{id}", dl_interpreter_delete),
    PLAIN("GET", "/process/interpreter/execute", dl_interpreter_execute),
    PLAIN("POST", "/lsp/start", dl_lsp_start_post),
    PLAIN("POST", "/lsp/stop", dl_lsp_stop_post),
    PLAIN("POST", "/lsp/did-open", dl_lsp_did_open),
    PLAIN("POST", "/lsp/did-close", dl_lsp_did_close),
    PLAIN("POST", "/lsp/completions", dl_lsp_completions_post),
    PLAIN("GET", "/lsp/document-symbols", dl_lsp_document_symbols),
    PLAIN("GET", "/lsp/workspacesymbols", dl_lsp_sandbox_symbols),
    PLAIN("*", "/git/*", not_supported),
    PLAIN("*", "/computeruse/*", no_display),
    {NULL, NULL, NULL, 0, NULL, NULL}};
