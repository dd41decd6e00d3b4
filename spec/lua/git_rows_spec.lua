-- sandbox.git beyond cloning, against daytona-local.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

describe("sandbox.git", function()
  local server, client, sandbox, git, remote

  setup(function()
    remote = support.git_server()
    server = e2e.start(nil, nil, { remote })
    client = check(server:client())
    sandbox = check(client:create())
    git = sandbox.git
  end)

  teardown(function()
    client:close()
    server:stop()
    remote:close()
    support.cleanup()
  end)

  before_each(function()
    shell(sandbox, "cd ~ && chmod -R u+rwX . && find . -mindepth 1 -delete")
  end)

  local function commit(message, options)
    return git:commit("r", message, "Ann", "ann@example.com", options)
  end

  -- A repository with one commit.
  local function repository()
    check(git:init("r", { initial_branch = "main" }))
    shell(sandbox, "echo one > r/f")
    check(git:add("r", { "f" }))
    return check(commit "first").sha
  end

  local function ask(command)
    return (shell(sandbox, "cd r && " .. command):gsub("\n$", ""))
  end

  it("makes repositories, also bare ones", function()
    assert.is_true(check(git:init "r"))
    assert.equal("false", ask "git rev-parse --is-bare-repository")
    check(git:init("b", { bare = true }))
    assert.equal("true\n", shell(sandbox, "git -C b rev-parse --is-bare-repository"))
    fails({ kind = "bad_request", operation = "git.init", sandbox_id = sandbox.id },
      git:init("c", { initial_branch = "a..b" }))
  end)

  it("tells the status of branch and files", function()
    repository()
    shell(sandbox, "echo two > r/f; echo x > r/new")
    local status = check(git:status "r")
    assert.equal("main", status.current_branch)
    assert.is_false(status.branch_published)
    assert.is_false(status.detached)
    assert.equal(0, status.ahead)
    assert.equal(2, #status.file_status)
    assert.equal("f", status.file_status[1].name)
    assert.equal("Modified", status.file_status[1].worktree)
    assert.equal("Untracked", status.file_status[2].staging)
    check(git:add("r", { "." }))
    check(commit "second")
    assert.same({}, check(git:status "r").file_status)
    fails({ kind = "not_found", operation = "git.status", code = "GIT_REPO_NOT_FOUND" }, git:status "nowhere")
  end)

  it("commits what is staged, or nothing where it is told to", function()
    local first = repository()
    assert.equal(first, ask "git rev-parse HEAD")
    fails({ kind = "bad_request", operation = "git.commit", outcome = "failed" }, commit "nothing")
    local empty = check(commit("nothing", { allow_empty = true })).sha
    assert.equal(empty, ask "git rev-parse HEAD")
    fails({ kind = "not_found", code = "FILE_NOT_FOUND", operation = "git.add" }, git:add("r", { "none" }))
    local history = check(git:history "r")
    assert.equal(2, #history)
    assert.equal(empty, history[1].hash)
    assert.equal("Ann", history[2].author)
    assert.equal("ann@example.com", history[2].email)
    assert.matches("^first", history[2].message)
    assert.matches("^%d%d%d%d%-", history[2].timestamp)
    fails({ kind = "not_found", operation = "git.history" }, git:history "nowhere")
  end)

  it("makes, checks out, lists and deletes branches", function()
    local first = repository()
    assert.is_true(check(git:create_branch("r", "feature")))
    local found = check(git:branches "r")
    table.sort(found.branches)
    assert.same({ "feature", "main" }, found.branches)
    assert.equal("feature", found.current)
    fails({ kind = "conflict", code = "GIT_BRANCH_EXISTS", operation = "git.create_branch" },
      git:create_branch("r", "main"))
    check(git:checkout_branch("r", first))
    assert.is_true(check(git:status "r").detached)
    assert.equal("", check(git:branches "r").current or "")
    check(git:delete_branch("r", "feature"))
    assert.same({ "main" }, check(git:branches "r").branches)
    check(git:delete_branch("r", "feature")) -- is gone
    fails({ kind = "not_found", operation = "git.delete_branch" }, git:delete_branch("nowhere", "feature"))
    fails({ kind = "bad_request", operation = "git.create_branch" }, git:create_branch("r", "a..b"))
    fails({ kind = "not_found", operation = "git.checkout_branch" }, git:checkout_branch("r", "feature"))
    fails({ kind = "not_found", operation = "git.branches" }, git:branches "nowhere")
  end)

  it("loses no changes by a checkout", function()
    repository()
    check(git:create_branch("r", "other"))
    shell(sandbox, "echo two > r/f")
    check(git:add("r", { "f" }))
    check(commit "second")
    check(git:checkout_branch("r", "main"))
    shell(sandbox, "echo mine > r/f")
    fails({ kind = "conflict", code = "GIT_DIRTY_WORKTREE", operation = "git.checkout_branch" },
      git:checkout_branch("r", "other"))
    assert.equal("mine", ask "cat f")
  end)

  it("resets and restores", function()
    local first = repository()
    shell(sandbox, "echo two > r/f")
    check(git:add("r", { "f" }))
    check(git:reset("r", { files = { "f" } }))
    assert.equal(" M f", ask "git status --porcelain")
    check(git:add("r", { "f" }))
    check(commit "second")
    check(git:reset("r", { mode = "soft", target = first }))
    assert.equal("M  f", ask "git status --porcelain")
    check(git:restore("r", { "f" }, { staged = true }))
    assert.equal(" M f", ask "git status --porcelain")
    check(git:restore("r", { "f" }))
    assert.equal("one", ask "cat f")
    shell(sandbox, "echo three > r/f")
    check(git:reset("r", { mode = "hard" }))
    assert.equal("one", ask "cat f")
    fails({ kind = "not_found", operation = "git.reset" }, git:reset("r", { target = "nothing" }))
    fails({ kind = "bad_request", operation = "git.reset" }, git:reset("r", { mode = "gentle" }))
    fails({ kind = "not_found", operation = "git.restore" }, git:restore("r", { "none" }))
  end)

  it("knows remotes", function()
    repository()
    assert.same({}, check(git:remotes "r"))
    assert.is_true(check(git:remote_add("r", "origin", remote.public_url)))
    assert.same({ { name = "origin", url = remote.public_url } }, check(git:remotes "r"))
    assert.equal(remote.public_url, check(git:remote_get("r", "origin")))
    assert.same({ nil, nil }, { git:remote_get("r", "none") })
    fails({ kind = "conflict", operation = "git.remote_add" }, git:remote_add("r", "origin", remote.private_url))
    check(git:remote_add("r", "origin", remote.private_url, { overwrite = true }))
    assert.equal(remote.private_url, check(git:remote_get("r", "origin")))
    fails({ kind = "bad_request" }, git:remote_add("r", "a b", remote.public_url))
    fails({ kind = "not_found", operation = "git.remotes" }, git:remotes "nowhere")
    fails({ kind = "not_found", operation = "git.remotes" }, git:remote_get("nowhere", "origin"))
  end)

  it("pulls and pushes, with a password where one is wanted", function()
    local own = { username = remote.username, password = remote.password }
    check(git:clone(remote.private_url, "r", own))
    fails({ kind = "unauthorized", code = "GIT_AUTH_FAILED", operation = "git.pull" }, git:pull "r")
    fails({ kind = "unauthorized", code = "GIT_AUTH_FAILED" }, git:pull("r", { username = "x", password = "secret-y" }))
    assert.is_true(check(git:pull("r", own)))
    check(git:create_branch("r", "pushed"))
    check(commit("for the remote", { allow_empty = true }))
    local err = fails({ kind = "unauthorized", operation = "git.push" },
      git:push("r", { username = "x", password = "secret-y", branch = "pushed", remote = "origin" }))
    for name, value in pairs(err) do
      assert.is_nil(tostring(value):find("secret-y", 1, true), name)
    end
    check(git:push("r", {
      username = own.username, password = own.password, branch = "pushed", remote = "origin", set_upstream = true,
    }))
    assert.equal("refs/heads/pushed", ask "git config branch.pushed.merge")
    check(git:checkout_branch("r", "main"))
    check(commit("more", { allow_empty = true }))
    local status = check(git:status "r")
    assert.is_true(status.branch_published)
    assert.equal("origin/main", status.upstream)
    assert.equal(1, status.ahead)
    assert.equal(0, status.behind)
  end)

  it("refuses a push that would lose commits of the remote", function()
    local own = { username = remote.username, password = remote.password, branch = "main", remote = "origin" }
    check(git:clone(remote.private_url, "r", { username = own.username, password = own.password }))
    check(git:reset("r", { mode = "hard", target = "HEAD~1" }))
    check(commit("another way", { allow_empty = true }))
    fails({ kind = "conflict", code = "GIT_PUSH_REJECTED", operation = "git.push" }, git:push("r", own))
    fails({ kind = "conflict", operation = "git.pull" }, git:pull("r", own))
  end)

  it("reads and writes settings", function()
    repository()
    assert.same({ nil, nil }, { git:get_config "core.pager" })
    assert.is_true(check(git:set_config("core.pager", "less")))
    assert.equal("less", check(git:get_config "core.pager"))
    check(git:set_config("core.pager", "more", { scope = "local", path = "r" }))
    assert.equal("more", check(git:get_config("core.pager", { scope = "local", path = "r" })))
    assert.is_true(check(git:configure_user("Ann \195\156", "ann@example.com", { scope = "local", path = "r" })))
    assert.equal("Ann \195\156", ask "git config user.name")
    fails({ kind = "bad_request", operation = "git.set_config" }, git:set_config("nonsense", "x"))
    fails({ kind = "bad_request", operation = "git.get_config" }, git:get_config("core.pager", { scope = "galaxy" }))
    fails({ operation = "git.configure_user" }, git:configure_user("A", "a@b", { scope = "local" }))
  end)

  it("stores credentials for a server", function()
    local host = remote.private_url:match "//([^/]+)"
    assert.is_true(check(git:dangerously_authenticate(remote.username, remote.password,
      { host = host, protocol = "http" })))
    check(git:clone(remote.private_url, "r"))
    fails({ kind = "bad_request", operation = "git.dangerously_authenticate" },
      git:dangerously_authenticate("a\nhost=evil", "b"))
  end)
end)
