-- The git endpoints, as the toolbox answers them on the wire.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

describe("toolbox git", function()
  local box, git

  setup(function()
    git = support.git_server()
    box = toolbox.start(nil, nil, nil, { git })
  end)

  teardown(function()
    box:stop()
    git:close()
    support.cleanup()
  end)

  before_each(function()
    box:sh "rm -rf work; mkdir work"
  end)

  local function get(what, path)
    return box:ask("GET", "/git/" .. what, { query = { path = path } })
  end

  local function post(what, body)
    return box:ask("POST", "/git/" .. what, { body = body })
  end

  local function refuses(status, code, what, body)
    return box:refuses(status, code, "POST", "/git/" .. what, { body = body })
  end

  local function commit(message, more)
    local body = { path = "work/r", message = message, author = "Ann Ü", email = "ann@example.com" }
    for name, value in pairs(more or {}) do
      body[name] = value
    end
    return post("commit", body).hash
  end

  -- A repository with one commit.
  local function repository()
    post("init", { path = "work/r" })
    box:sh "echo one > work/r/f"
    post("add", { path = "work/r", files = { "." } })
    return commit "first"
  end

  it("makes repositories", function()
    assert.is_true(post("init", { path = "work/a/b", initial_branch = "trunk" }))
    assert.equal("trunk", get("status", "work/a/b").currentBranch)
    post("init", { path = "work/bare", bare = true })
    assert.equal("true\n", box:sh "git -C work/bare rev-parse --is-bare-repository")
    refuses(400, "BAD_REQUEST", "init", { path = "work/c", initial_branch = "a..b" })
    refuses(400, "INVALID_REQUEST_BODY", "init", { bare = true })
  end)

  it("tells the state of files", function()
    repository()
    box:sh [[
      cd work/r; echo ign > .gitignore; mkdir d; touch ign "d/ü \"x\"" gone
      git add -A; git -c user.name=a -c user.email=b commit -qm more
      echo two > f; git add f; echo three > f; rm gone; touch new]]
    support.eq({
      currentBranch = "main", branchPublished = false, ahead = 0, behind = 0, detached = false,
      fileStatus = {
        { name = "f", extra = "", staging = "Modified", worktree = "Modified" },
        { name = "gone", extra = "", staging = "Unmodified", worktree = "Deleted" },
        { name = "new", extra = "", staging = "Untracked", worktree = "Untracked" },
      },
    }, get("status", "work/r"))
  end)

  it("compares with the upstream", function()
    repository()
    box:sh [[
      cd work; git clone -q r c; cd c
      git -c user.name=a -c user.email=b commit -q --allow-empty -m x]]
    local status = get("status", "work/c")
    support.eq({ "origin/main", true, 1, 0 },
      { status.upstream, status.branchPublished, status.ahead, status.behind })
  end)

  it("stages and commits", function()
    local first = repository()
    refuses(404, "FILE_NOT_FOUND", "add", { path = "work/r", files = { "none" } })
    refuses(400, "INVALID_REQUEST_BODY", "add", { path = "work/r" })
    assert.is_true(box:ask("POST", "/git/add", { body = '{"path":"work/r","files":[]}' }))
    refuses(400, "BAD_REQUEST", "commit",
      { path = "work/r", message = "m", author = "a", email = "b" })
    local second = commit("-second\n\nbody", { allow_empty = true })
    local history = get("history", "work/r")
    support.eq({
      { hash = second, author = "Ann Ü", email = "ann@example.com", message = "-second\n\nbody\n",
        timestamp = support.any_string },
      { hash = first, author = "Ann Ü", email = "ann@example.com", message = "first\n",
        timestamp = support.any_string },
    }, history)
  end)

  it("makes, changes and deletes branches", function()
    local first = repository()
    post("branches", { path = "work/r", name = "feature" })
    support.eq({ branches = { "feature", "main" }, current = "feature" }, get("branches", "work/r"))
    refuses(409, "GIT_BRANCH_EXISTS", "branches", { path = "work/r", name = "feature" })
    refuses(400, "BAD_REQUEST", "branches", { path = "work/r", name = "a..b" })
    refuses(400, "BAD_REQUEST", "branches", { path = "work/r", name = "-d" })
    box:sh "echo two > work/r/f"
    post("add", { path = "work/r", files = { "f" } })
    commit "second"
    post("checkout", { path = "work/r", branch = "main" })
    assert.equal("one\n", box:sh "cat work/r/f")
    box:sh "echo mine > work/r/f"
    refuses(409, "GIT_DIRTY_WORKTREE", "checkout", { path = "work/r", branch = "feature" })
    refuses(404, "GIT_BRANCH_NOT_FOUND", "checkout", { path = "work/r", branch = "f" })
    refuses(404, "NOT_FOUND", "checkout", { path = "work/r", branch = ("0"):rep(40) })
    post("checkout", { path = "work/r", branch = first })
    local status = get("status", "work/r")
    support.eq({ "HEAD", true }, { status.currentBranch, status.detached })
    for _, name in ipairs { "feature", "none" } do
      box:ask("DELETE", "/git/branches", { body = { path = "work/r", name = name } })
    end
    support.eq({ "main" }, get("branches", "work/r").branches)
  end)

  it("says what is no repository and what has no commits", function()
    post("init", { path = "work/r" })
    box:refuses(404, "NOT_FOUND", "GET", "/git/history", { query = { path = "work/r" } })
    box:refuses(404, "GIT_REPO_NOT_FOUND", "GET", "/git/status", { query = { path = "work" } })
    box:refuses(400, "BAD_REQUEST", "GET", "/git/status")
    assert.is_nil(get("branches", "work/r").branches)
  end)

  it("tells what a bare repository has, and that it has no files", function()
    local first = repository()
    box:sh "git clone -q --bare work/r work/bare.git"
    support.eq({ "main" }, get("branches", "work/bare.git").branches)
    assert.equal(first, get("history", "work/bare.git")[1].hash)
    local message = box:refuses(500, "INTERNAL_SERVER_ERROR", "GET", "/git/status",
      { query = { path = "work/bare.git" } })
    assert.matches("^worktree not available in a bare repository", message)
    message = refuses(500, "INTERNAL_SERVER_ERROR", "add", { path = "work/bare.git", files = { "." } })
    assert.matches("^worktree not available in a bare repository", message)
    box:refuses(404, "GIT_REPO_NOT_FOUND", "GET", "/git/status", { query = { path = "work/bare.git/refs" } })
  end)

  describe("clone", function()
    local function clone(more)
      local body = { url = git:url "/public/demo.git", path = "work/d/c" }
      for name, value in pairs(more) do
        body[name] = value
      end
      return "POST", "/git/clone", { body = body }
    end

    it("leaves nothing behind when it fails", function()
      local url = git:url()
      for _, case in ipairs {
        { 404, "GIT_REPO_NOT_FOUND", { url = url .. "/public/none.git" } },
        { 404, "GIT_BRANCH_NOT_FOUND", { branch = "none" } },
        { 404, "NOT_FOUND", { commit_id = ("0"):rep(40) } },
        { 404, "NOT_FOUND", { commit_id = "abc123" } },
        { 400, "BAD_REQUEST", { branch = "-x" } },
        { 401, "GIT_AUTH_FAILED", { url = url .. "/private/demo.git" } },
        { 401, "GIT_AUTH_FAILED",
          { url = url .. "/private/demo.git", username = "reader", password = "tell_nobody" } },
        { 502, "GIT_TRANSPORT_FAILED", { url = "http://127.0.0.1:1/x.git" } },
        { 400, "INVALID_REQUEST_BODY", { url = "" } },
      } do
        local message = box:refuses(case[1], case[2], clone(case[3]))
        assert.falsy(message:find "tell_nobody")
        assert.equal("", box:sh "ls -A work")
      end
    end)

    it("refuses a place that is taken, and leaves it alone", function()
      box:sh "mkdir -p work/d/c; echo mine > work/d/c/f"
      box:refuses(409, "CONFLICT", clone {})
      assert.equal("mine\n", box:sh "cat work/d/c/*")
      box:sh "rm work/d/c/f"
      box:refuses(404, "GIT_BRANCH_NOT_FOUND", clone { branch = "none" })
      assert.equal("", box:sh "ls -A work/d/c")
      assert.is_true(box:ask(clone {}))
      assert.equal("main\n", box:sh "git -C work/d/c branch --show-current")
    end)

    it("cuts the history where told", function()
      assert.is_true(box:ask(clone { depth = 1 }))
      assert.equal("1\n", box:sh "git -C work/d/c rev-list --count HEAD")
    end)
  end)
end)
