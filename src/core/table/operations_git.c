/* The rows of sandbox.git. */
#include "parts.h"

/* clang-format off */

#define REPOSITORY {.name = "path", .flags = DT_REQUIRED | DT_NONBLANK, .doc = "directory of the repository"}
#define ASKED_REPOSITORY {.name = "path", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "directory of the repository"}
#define CREDENTIALS {.name = "username", .doc = "for private repositories"}, \
  {.name = "password", .flags = DT_SECRET, .doc = "password or token for private repositories"}
#define REMOTE {.name = "branch", .doc = "branch; default the current one"}, {.name = "remote", .doc = "remote; default origin"}
#define SCOPE(in) {.name = "scope", .place = in, .doc = "global (default), local (of the repository at path) or system"}, \
  {.name = "path", .place = in, .doc = "directory of the repository, for the scope local"}

static const dt_field clone_params[] = {
  TEXT("url", DT_NONBLANK | DT_SECRET_IN_URL, "repository"),
  TEXT("path", DT_NONBLANK, "directory in the sandbox"),
  {.name = "branch", .doc = "branch; default the remote's"},
  {.name = "commit_id", .doc = "commit to check out after cloning"},
  CREDENTIALS,
  {.name = "insecure_skip_tls", .type = DT_BOOLEAN, .doc = "accept any certificate of the git server"},
  {.name = "depth", .type = DT_INTEGER, .flags = DT_BOUNDED, .min = 1, .max = 2147483647, .doc = "how many commits of history"},
  {.name = "submodules", .type = DT_BOOLEAN, .place = DT_CALL, .doc = "true: with its submodules, and theirs"},
  END
};
static const dt_field init_params[] = {
  TEXT("path", DT_NONBLANK, "directory, made if it is not there"),
  {.name = "bare", .type = DT_BOOLEAN, .doc = "true: a repository without files"},
  {.name = "initial_branch", .doc = "name of the first branch; default git's"},
  END
};
static const dt_field asked_params[] = {ASKED_REPOSITORY, END};

static const dt_field file_fields[] = {
  {.name = "name", .doc = "path in the repository"},
  {.name = "staging", .doc = "Unmodified, Modified, Added, Deleted, Renamed, Copied, Untracked or Updated but unmerged, in the index"},
  {.name = "worktree", .doc = "the same, in the working tree"},
  {.name = "extra", .doc = "of what is renamed: its former name"},
  END
};
static const dt_shape file_shape = {"git_file_status", file_fields};
static const dt_field status_fields[] = {
  {.name = "current_branch", .wire = "currentBranch", .doc = "branch"},
  {.name = "file_status", .wire = "fileStatus", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &file_shape, .doc = "files that differ from the last commit"},
  {.name = "ahead", .type = DT_INTEGER, .doc = "commits that the upstream lacks"},
  {.name = "behind", .type = DT_INTEGER, .doc = "commits of the upstream that are not here"},
  {.name = "branch_published", .wire = "branchPublished", .type = DT_BOOLEAN, .doc = "has the branch an upstream"},
  {.name = "detached", .type = DT_BOOLEAN, .doc = "is no branch checked out, but a commit"},
  {.name = "upstream", .doc = "upstream, like origin/main; empty: none"},
  END
};
static const dt_shape status_shape = {"git_status", status_fields};
static const dt_field branches_fields[] = {
  {.name = "branches", .many = DT_LIST, .doc = "names"},
  {.name = "current", .doc = "the one that is checked out; empty: none"},
  END
};
static const dt_shape branches_shape = {"git_branches", branches_fields};
static const dt_field branch_params[] = {REPOSITORY, TEXT("name", DT_NONBLANK, "branch"), END};
static const dt_field checkout_params[] = {REPOSITORY, TEXT("branch", DT_NONBLANK, "branch, or commit"), END};

static const dt_field add_params[] = {
  REPOSITORY, {.name = "files", .many = DT_LIST, .flags = DT_REQUIRED, .doc = "paths in the repository; \".\": all"}, END
};
static const dt_field commit_params[] = {
  REPOSITORY, TEXT("message", 0, "what the commit is for"), TEXT("author", 0, "name"), TEXT("email", 0, "email address"),
  {.name = "allow_empty", .type = DT_BOOLEAN, .doc = "true: also where nothing is staged"}, END
};
static const dt_field commit_fields[] = {{.name = "sha", .wire = "hash", .flags = DT_SAID, .doc = "id of the commit"}, END};
static const dt_shape commit_shape = {"git_commit", commit_fields};
static const dt_field history_fields[] = {
  {.name = "hash", .doc = "id of the commit"}, {.name = "author", .doc = "name"}, {.name = "email", .doc = "email address"},
  {.name = "message", .doc = "what the commit is for"}, {.name = "timestamp", .doc = "RFC 3339"}, END
};
static const dt_shape history_shape = {"git_commit_info", history_fields};
static const dt_field push_params[] = {
  REPOSITORY, CREDENTIALS, REMOTE,
  {.name = "set_upstream", .type = DT_BOOLEAN, .doc = "true: the remote's branch becomes the upstream"}, END
};
static const dt_field pull_params[] = {REPOSITORY, CREDENTIALS, REMOTE, END};
static const dt_field reset_params[] = {
  REPOSITORY,
  {.name = "mode", .doc = "soft, mixed (default), hard, merge or keep"},
  {.name = "target", .doc = "commit; default HEAD"},
  {.name = "files", .many = DT_LIST, .doc = "only these are taken out of the index"}, END
};
static const dt_field restore_params[] = {
  REPOSITORY,
  {.name = "files", .many = DT_LIST, .flags = DT_REQUIRED, .doc = "paths in the repository"},
  {.name = "staged", .type = DT_BOOLEAN, .doc = "in the index"},
  {.name = "worktree", .type = DT_BOOLEAN, .doc = "in the working tree; the default, if staged is not given"},
  {.name = "source", .doc = "commit to take them from; default the index, or HEAD with staged"}, END
};

static const dt_field remote_fields[] = {{.name = "name", .doc = "name"}, {.name = "url", .doc = "where it is"}, END};
static const dt_shape remote_shape = {"git_remote", remote_fields};
static const dt_field remotes_fields[] = {
  {.name = "remotes", .type = DT_OBJECT, .many = DT_LIST, .with.shape = &remote_shape, .doc = "remotes"}, END
};
static const dt_shape remotes_shape = {"git_remotes", remotes_fields};
static const dt_field remote_add_params[] = {
  REPOSITORY, TEXT("name", DT_NONBLANK, "name"), TEXT("url", DT_NONBLANK | DT_SECRET_IN_URL, "where it is"),
  {.name = "fetch", .type = DT_BOOLEAN, .doc = "true: fetch from it at once"},
  {.name = "overwrite", .type = DT_BOOLEAN, .doc = "true: in the place of one of that name"}, END
};

static const dt_field get_config_params[] = {
  {.name = "key", .place = DT_QUERY, .flags = DT_REQUIRED | DT_NONBLANK, .doc = "like user.name"}, SCOPE(DT_QUERY), END
};
static const dt_field config_fields[] = {{.name = "value", .flags = DT_NULLABLE, .doc = "value; nil: it is not set"}, END};
static const dt_shape config_shape = {"git_config", config_fields};
static const dt_field set_config_params[] = {
  TEXT("key", DT_NONBLANK, "like user.name"), TEXT("value", 0, "value"), SCOPE(DT_BODY), END
};
static const dt_field user_params[] = {TEXT("name", DT_NONBLANK, "name"), TEXT("email", DT_NONBLANK, "email address"), SCOPE(DT_BODY), END};
static const char *const credential_protocols[] = {"https", "http", NULL};
static const dt_field authenticate_params[] = {
  TEXT("username", DT_NONBLANK, "name"), TEXT("password", DT_NONBLANK | DT_SECRET, "password or token"),
  {.name = "host", .flags = DT_NONBLANK | DT_HOST, .doc = "server, perhaps with a port; default github.com"},
  {.name = "protocol", .with.values = credential_protocols, .doc = "https (default) or http"}, END
};

const dt_operation dt_operations_git[] = {
  {.name = "git.clone", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/clone", .params = clone_params, .flags = DT_RUNS, .timeout = LONG,
   .fails = "kind unauthorized, not_found (repository, branch or commit), conflict (there is something), bad_gateway (no way to the server)",
   .doc = "Clones a repository; git goes on in the sandbox where the call is cancelled or out of time. With submodules = true theirs come too, by the sandbox's own git, which tells the name and the password to the server of the url alone; where they fail the clone stays. Where a server knows no depth, the sandbox's git cuts the history afterwards, if it is there."},
  {.name = "git.init", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/init", .params = init_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .doc = "Makes a repository; one that is there stays."},
  {.name = "git.status", .method = "GET", .plane = DT_TOOLBOX, .path = "/git/status", .params = asked_params, .flags = DT_IDEMPOTENT, .result = OBJECT(status_shape),
   .fails = "kind not_found where there is no repository",
   .doc = "What differs from the last commit, and from the upstream."},
  {.name = "git.branches", .method = "GET", .plane = DT_TOOLBOX, .path = "/git/branches", .params = asked_params, .flags = DT_IDEMPOTENT, .result = OBJECT(branches_shape),
   .doc = "The local branches."},
  {.name = "git.create_branch", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/branches", .params = branch_params,
   .fails = "kind conflict where there is one of that name",
   .doc = "Makes a branch at the current commit and checks it out."},
  {.name = "git.delete_branch", .method = "DELETE", .plane = DT_TOOLBOX, .path = "/git/branches", .params = branch_params,
   .doc = "Deletes a local branch, merged or not; there need not be one."},
  {.name = "git.checkout_branch", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/checkout", .params = checkout_params, .flags = DT_IDEMPOTENT | DT_RUNS,
   .fails = "kind not_found; conflict where changes would be lost",
   .doc = "Checks a branch or a commit out; with a commit, the head is detached."},
  {.name = "git.add", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/add", .params = add_params, .flags = DT_IDEMPOTENT,
   .fails = "kind not_found for a file that is not there",
   .doc = "Stages files for the next commit."},
  {.name = "git.commit", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/commit", .params = commit_params, .flags = DT_RUNS, .result = OBJECT(commit_shape),
   .fails = "kind bad_request where nothing is staged",
   .doc = "Commits what is staged."},
  {.name = "git.history", .method = "GET", .plane = DT_TOOLBOX, .path = "/git/history", .params = asked_params, .flags = DT_IDEMPOTENT, .result = OBJECTS(history_shape),
   .doc = "The commits that lead to the current one, the last first."},
  {.name = "git.push", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/push", .params = push_params, .flags = DT_RUNS, .timeout = LONG,
   .fails = "kind unauthorized; conflict where the remote has commits that are not here",
   .doc = "Brings the branch's commits to the remote."},
  {.name = "git.pull", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/pull", .params = pull_params, .flags = DT_RUNS, .timeout = LONG,
   .fails = "kind unauthorized; conflict where both sides have commits of their own, or changes would be lost",
   .doc = "Fetches from the remote and goes forward to its branch."},
  {.name = "git.reset", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/reset", .params = reset_params, .since = "0.205.0",
   .fails = "kind not_found for a commit that is not there",
   .doc = "Sets the branch to a commit, and the index and the working tree as the mode says."},
  {.name = "git.restore", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/restore", .params = restore_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .doc = "Brings files back as they were."},
  {.name = "git.remotes", .method = "GET", .plane = DT_TOOLBOX, .path = "/git/remotes", .params = asked_params, .flags = DT_IDEMPOTENT, .result = OBJECT(remotes_shape), .member = "remotes", .since = "0.205.0",
   .doc = "The remotes."},
  {.name = "git.remote_add", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/remotes", .params = remote_add_params, .flags = DT_RUNS, .timeout = LONG, .since = "0.205.0",
   .fails = "kind conflict where there is one of that name",
   .doc = "Adds a remote."},
  {.name = "git.get_config", .method = "GET", .plane = DT_TOOLBOX, .path = "/git/config", .params = get_config_params, .flags = DT_IDEMPOTENT, .result = OBJECT(config_shape), .member = "value", .since = "0.205.0",
   .doc = "Reads a setting of git; nil without an error where it is not set."},
  {.name = "git.set_config", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/config", .params = set_config_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .doc = "Sets a setting of git."},
  {.name = "git.configure_user", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/config/user", .params = user_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .doc = "Sets the name and the email address of commits."},
  {.name = "git.dangerously_authenticate", .method = "POST", .plane = DT_TOOLBOX, .path = "/git/credentials", .params = authenticate_params, .flags = DT_IDEMPOTENT, .since = "0.205.0",
   .doc = "Stores a name and a password for a git server in the sandbox, readable by everything that runs in it."},
  {.name = NULL}
};
