-- Git between repositories, what is taken back, and its configuration, as the
-- toolbox answers them on the wire.

local daytona = require "daytona"
local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

describe("toolbox git", function()
  local box

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  local function get(what, query)
    return box:ask("GET", "/git/" .. what, { query = query })
  end

  local function post(what, body)
    return box:ask("POST", "/git/" .. what, { body = body })
  end

  local function refuses(status, code, what, body)
    return box:refuses(status, code, "POST", "/git/" .. what, { body = body })
  end

  local function commit(path, name, content)
    box:sh(("printf '%s' > %s/%s"):format(content, path, name))
    post("add", { path = path, files = { "." } })
    return post("commit", { path = path, message = name, author = "Ann", email = "ann@example.com" }).hash
  end

  local function head(path, ref)
    return box:sh(("git -C %s rev-parse %s"):format(path, ref or "HEAD")):match "^%x+"
  end

  -- A bare repository "hub", and two that have it as their origin; "a" has
  -- one commit on main that is pushed.
  before_each(function()
    box:sh "rm -rf a b hub ~/.gitconfig ~/.git-credentials"
    post("init", { path = "hub", bare = true })
    for _, name in ipairs { "a", "b" } do
      post("init", { path = name })
      post("remotes", { path = name, name = "origin", url = "/home/daytona/hub" })
    end
    commit("a", "f", "one")
    post("push", { path = "a" })
  end)

  it("pushes and pulls", function()
    assert.equal(head "a", head("hub", "main"))
    post("pull", { path = "b" })
    assert.equal(head "a", head "b")
    assert.is_false(get("status", { path = "a" }).branchPublished)
    local second = commit("a", "g", "two")
    post("push", { path = "a", set_upstream = true })
    assert.equal("origin/main", get("status", { path = "a" }).upstream)
    post("pull", { path = "b", remote = "origin", branch = "main" })
    assert.equal(second, head "b")
    post("push", { path = "a" }) -- nothing to do
    post("pull", { path = "a" })
    post("branches", { path = "a", name = "side" })
    commit("a", "h", "three")
    post("push", { path = "a", branch = "side" })
    assert.equal(head "a", head("hub", "side"))
    assert.equal(second, head("hub", "main"))
  end)

  it("refuses pushes and pulls that would lose something", function()
    post("pull", { path = "b" })
    commit("a", "g", "two")
    post("push", { path = "a" })
    commit("b", "h", "other")
    refuses(409, "GIT_PUSH_REJECTED", "push", { path = "b" })
    refuses(409, "CONFLICT", "pull", { path = "b" })
    box:sh "git -C b reset -q --hard HEAD~1; echo mine > b/g"
    refuses(409, "GIT_DIRTY_WORKTREE", "pull", { path = "b" })
    box:sh "printf '#!/bin/sh\\nexit 1\\n' > hub/hooks/pre-receive; chmod +x hub/hooks/pre-receive"
    commit("a", "i", "three")
    refuses(422, "GIT_REMOTE_REJECTED", "push", { path = "a" })
  end)

  it("names what is not there", function()
    refuses(404, "GIT_BRANCH_NOT_FOUND", "push", { path = "a", branch = "nope" })
    refuses(404, "GIT_BRANCH_NOT_FOUND", "pull", { path = "b", branch = "nope" })
    refuses(404, "GIT_REPO_NOT_FOUND", "push", { path = "a", remote = "nope" })
    refuses(404, "GIT_REPO_NOT_FOUND", "pull", { path = "nowhere" })
    refuses(400, "BAD_REQUEST", "push", { path = "a", remote = "--receive-pack=touch /tmp/x" })
    post("checkout", { path = "a", branch = head "a" })
    refuses(404, "GIT_BRANCH_NOT_FOUND", "push", { path = "a" })
  end)

  it("takes one branch by its name, and no pattern or pair", function()
    local before = box:sh "git -C a for-each-ref; git -C hub for-each-ref"
    for _, branch in ipairs { "*", "+HEAD:refs/heads/evil", "HEAD:refs/heads/evil", "--mirror", "x y", "HEAD~1" } do
      refuses(400, "BAD_REQUEST", "push", { path = "a", branch = branch })
      refuses(400, "BAD_REQUEST", "pull", { path = "a", branch = branch })
    end
    assert.equal(before, box:sh "git -C a for-each-ref; git -C hub for-each-ref")
  end)

  it("has remotes", function()
    support.eq({ { name = "origin", url = "/home/daytona/hub" } }, get("remotes", { path = "a" }).remotes)
    refuses(409, "CONFLICT", "remotes", { path = "a", name = "origin", url = "/x" })
    post("remotes", { path = "a", name = "origin", url = "/home/daytona/b", overwrite = true })
    post("remotes", { path = "a", name = "two.url", url = "/home/daytona/hub", overwrite = true, fetch = true })
    support.eq({ { name = "origin", url = "/home/daytona/b" }, { name = "two.url", url = "/home/daytona/hub" } },
      get("remotes", { path = "a" }).remotes)
    assert.equal(head "a", head("a", "two.url/main"))
    refuses(400, "BAD_REQUEST", "remotes", { path = "a", name = "a b", url = "/x" })
    box:sh "rm -rf b; git init -q b"
    support.eq({}, get("remotes", { path = "b" }).remotes)
  end)

  it("resets", function()
    local first = head "a"
    commit("a", "g", "two")
    box:sh "echo more >> a/g; git -C a add g"
    post("reset", { path = "a", files = { "g" } })
    assert.equal(" M g\n", box:sh "git -C a status --porcelain")
    post("reset", { path = "a", mode = "soft", target = first })
    assert.equal("AM g\n", box:sh "git -C a status --porcelain")
    post("reset", { path = "a" })
    assert.equal("?? g\n", box:sh "git -C a status --porcelain")
    box:sh "echo x > a/f"
    post("reset", { path = "a", mode = "hard" })
    assert.equal("one", box:sh "cat a/f")
    refuses(400, "BAD_REQUEST", "reset", { path = "a", mode = "harder" })
    refuses(400, "BAD_REQUEST", "reset", { path = "a", mode = "hard", files = { "f" } })
    refuses(400, "BAD_REQUEST", "reset", { path = "a", target = "--help" })
    refuses(404, "NOT_FOUND", "reset", { path = "a", target = "nope" })
  end)

  it("restores", function()
    box:sh "echo x > a/f; git -C a add f; echo y > a/f"
    post("restore", { path = "a", files = { "f" } })
    assert.equal("x\n", box:sh "cat a/f")
    post("restore", { path = "a", files = { "f" }, staged = true })
    assert.equal(" M f\n", box:sh "git -C a status --porcelain")
    post("restore", { path = "a", files = { "f" }, staged = true, worktree = true, source = "HEAD" })
    assert.equal("", box:sh "git -C a status --porcelain")
    refuses(404, "FILE_NOT_FOUND", "restore", { path = "a", files = { "nope" } })
    refuses(404, "NOT_FOUND", "restore", { path = "a", files = { "f" }, source = "nope" })
    refuses(400, "BAD_REQUEST", "restore", { path = "a", files = daytona.array {} })
  end)

  it("is configured", function()
    assert.is_nil(get("config", { key = "user.name" }).value)
    post("config/user", { name = "Ann Ü", email = "ann@example.com" })
    post("config/user", { name = "Bob", email = "bob@example.com", scope = "local", path = "a" })
    assert.equal("Ann Ü", get("config", { key = "user.name" }).value)
    assert.equal("Bob", get("config", { key = "user.name", scope = "local", path = "a" }).value)
    post("config", { key = "core.editor", value = "--odd one" })
    assert.equal("--odd one", get("config", { key = "core.editor", scope = "global" }).value)
    for _, body in ipairs {
      { key = "plain", value = "x" }, { key = "--get", value = "x" }, { key = "a.b", value = "x", scope = "local" },
      { key = "a.b", value = "x", scope = "other" },
    } do
      refuses(400, "BAD_REQUEST", "config", body)
    end
    refuses(403, "FORBIDDEN", "config", { key = "a.b", value = "x", scope = "system" })
    refuses(404, "GIT_REPO_NOT_FOUND", "config", { key = "a.b", value = "x", scope = "local", path = "none" })
  end)

  it("keeps credentials where git finds them", function()
    post("credentials", { username = "ann", password = "p@ss word'$(x)", host = "git.example.com" })
    assert.equal("username=ann\npassword=p@ss word'$(x)\n", box:sh(
      "printf 'protocol=https\\nhost=git.example.com\\n\\n' | git credential fill | grep -E '^(user|pass)'"))
    refuses(400, "BAD_REQUEST", "credentials", { username = "a\nhost=evil", password = "x" })
    refuses(400, "INVALID_REQUEST_BODY", "credentials", { username = "ann" })
  end)
end)
