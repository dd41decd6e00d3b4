-- sandbox.git:clone from a server on this machine.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails, shell = e2e.check, e2e.fails, e2e.shell

-- The kind of a failure that go-git has no name for.
local function older_kind(kind)
  return support.as and "server" or kind
end

describe("git:clone", function()
  local server, client, sandbox, git, repository

  setup(function()
    repository = support.git_server()
    server = e2e.start(nil, nil, { repository })
    client = check(server:client())
    sandbox = check(client:create())
    git = sandbox.git
  end)

  teardown(function()
    client:close()
    server:stop()
    repository:close()
    support.cleanup()
  end)

  before_each(function()
    shell(sandbox, "chmod -R u+rwX . && find . -mindepth 1 -delete")
  end)

  local function head(path)
    return (shell(sandbox, "git -C " .. e2e.quote(path) .. " rev-parse HEAD"):gsub("\n", ""))
  end

  local function branch(path)
    return (shell(sandbox, "git -C " .. e2e.quote(path) .. " rev-parse --abbrev-ref HEAD"):gsub("\n", ""))
  end

  it("clones the branch that the remote prefers", function()
    assert.is_true(check(git:clone(repository.public_url, "work/demo")))
    assert.equal(repository.commits.main, head "work/demo")
    assert.equal("main", branch "work/demo")
    assert.equal("# Demo\n", check(sandbox.fs:download_file "work/demo/README.md"))
    assert.equal("1\n2\n3\n", check(sandbox.fs:download_file "work/demo/data/n\195\188mbers.txt"))
    assert.equal("", shell(sandbox, "git -C work/demo status --porcelain"))
  end)

  it("clones a branch", function()
    check(git:clone(repository.public_url, "demo", { branch = "feature" }))
    assert.equal(repository.commits.feature, head "demo")
    assert.equal("feature", branch "demo")
    assert.equal("only on the branch\n", check(sandbox.fs:download_file "demo/feature.txt"))
  end)

  it("checks a commit out", function()
    check(git:clone(repository.public_url, "demo", { commit_id = repository.commits.first }))
    assert.equal(repository.commits.first, head "demo")
    assert.equal("HEAD", branch "demo")
    fails({ kind = "not_found" }, sandbox.fs:get_file_info "demo/data")
    check(git:clone(repository.public_url, "both", { branch = "feature", commit_id = repository.commits.first }))
    assert.equal(repository.commits.first, head "both")
  end)

  it("takes no more history than asked for", function()
    check(git:clone(repository.public_url, "shallow", { depth = 1 }))
    -- also from older servers, which know no depth
    assert.equal("1\n", shell(sandbox, "git -C shallow rev-list --count HEAD"))
    assert.equal("", shell(sandbox, "git -C shallow status --porcelain"))
    check(git:clone(repository.public_url, "whole"))
    assert.equal("2\n", shell(sandbox, "git -C whole rev-list --count HEAD"))
  end)

  describe("with submodules", function()
    local function sibling(url, name)
      return (url:gsub("demo%.git$", name .. ".git"))
    end

    it("has them only where that is asked for", function()
      local url = sibling(repository.public_url, "modules")
      check(git:clone(url, "bare"))
      fails({ kind = "not_found" }, sandbox.fs:get_file_info "bare/lib/demo/README.md")
      assert.is_true(check(git:clone(url, "it's/full", { submodules = true, depth = 1 })))
      assert.equal(repository.commits.main, head "it's/full/lib/demo")
      assert.equal("", shell(sandbox, "git -C \"it's/full\" status --porcelain"))
      check(git:clone(repository.public_url, "none", { submodules = true }))
      assert.equal(repository.commits.main, head "none")
    end)

    it("of a private server takes the password, and keeps it nowhere", function()
      check(git:clone(sibling(repository.private_url, "modules"), "private",
        { username = repository.username, password = repository.password, submodules = true }))
      assert.equal(repository.commits.main, head "private/lib/demo")
      for _, secret in ipairs { "p@ss", "p%40ss" } do
        assert.equal("1\n", shell(sandbox, ("grep -rF '%s' private >/dev/null; echo $?"):format(secret)))
      end
    end)

    it("says what went wrong with them, and keeps the clone", function()
      local err = fails({ kind = "not_found", code = "GIT_REPO_NOT_FOUND", operation = "git.clone",
        message = "its submodules were not", sandbox_id = sandbox.id, outcome = "failed" },
        git:clone(sibling(repository.public_url, "broken"), "broken", { submodules = true }))
      assert.truthy(err.message:find("missing", 1, true), err.message)
      assert.truthy(check(sandbox.fs:get_file_info "broken/.gitmodules"))
    end)

    it("of another server does not tell it the password", function()
      local elsewhere = repository.private_url:gsub("127%.0%.0%.1", "localhost")
      local url = sibling(repository.private_url, "modules")
      local given = { username = repository.username, password = repository.password, branch = "elsewhere" }
      check(git:clone(sibling(repository.public_url, "modules"), "other"))
      shell(sandbox, ("cd other && git checkout -qb elsewhere && git config -f .gitmodules submodule.lib/demo.url %s"
        .. " && git -c user.name=x -c user.email=x@y commit -qam moved && git push -q origin elsewhere")
        :format(e2e.quote(elsewhere)))
      given.submodules = true
      local err = fails({ kind = "unauthorized", code = "GIT_AUTH_FAILED", operation = "git.clone" },
        git:clone(url, "trap", given))
      assert.truthy(err.message:find("localhost", 1, true), err.message)
    end)
  end)

  it("writes where it is told to", function()
    for _, path in ipairs { "a b/c d", "gr\195\188n", "/tmp/demo", "'quoted' \"path\" $HOME `x`", "-dash", "slash/" } do
      check(git:clone(repository.public_url, path))
      assert.equal(repository.commits.main, head(path))
    end
    shell(sandbox, "rm -rf /tmp/demo; mkdir empty")
    check(git:clone(repository.public_url, "empty"))
    assert.equal(repository.commits.main, head "empty")
  end)

  describe("with a private repository", function()
    local function secretless(err)
      for name, value in pairs(err) do
        for _, secret in ipairs { repository.password, "wrong-secret", "p%40ss" } do
          assert.is_nil(tostring(value):find(secret, 1, true), name .. ": " .. tostring(value))
        end
      end
      return err
    end

    it("takes a name and a password", function()
      check(git:clone(repository.private_url, "private",
        { username = repository.username, password = repository.password }))
      assert.equal(repository.commits.main, head "private")
      -- which stay nowhere
      assert.equal("1", (shell(sandbox, "grep -rF 'p@ss' private > /dev/null; echo $?"):gsub("\n", "")))
      assert.equal("1", (shell(sandbox, "grep -rF 'p%40ss' private > /dev/null; echo $?"):gsub("\n", "")))
      assert.equal(repository.private_url .. "\n", shell(sandbox, "git -C private remote get-url origin"))
      check(git:clone(repository.private_url, "branch",
        { username = repository.username, password = repository.password, branch = "feature" }))
      assert.equal("feature", branch "branch")
    end)

    it("refuses a wrong password, and tells nobody", function()
      local cases = {
        { username = repository.username, password = "wrong-secret" },
        { username = "nobody", password = repository.password },
        {},
        { username = repository.username },
        { password = repository.password },
      }
      for _, options in ipairs(cases) do
        secretless(fails({ kind = "unauthorized", status = 401, code = "GIT_AUTH_FAILED", operation = "git.clone",
          sandbox_id = sandbox.id }, git:clone(repository.private_url, "private", options)))
        fails({ kind = "not_found" }, sandbox.fs:get_file_info "private")
      end
    end)

    it("tells nobody, whatever else goes wrong", function()
      local options = { username = repository.username, password = repository.password, branch = "none" }
      secretless(fails({}, git:clone(repository.private_url, "private", options)))
      options.branch = nil
      secretless(fails({}, git:clone(repository.missing_url, "private", options)))
      secretless(fails({}, git:clone("http://127.0.0.1:1/x.git", "private", options)))
      options.commit_id = ("0"):rep(40)
      secretless(fails({}, git:clone(repository.private_url, "private", options)))
    end)
  end)

  describe("fails", function()
    local function failing(expected, url, path, options)
      expected.operation = "git.clone"
      expected.sandbox_id = sandbox.id
      return fails(expected, git:clone(url, path, options))
    end

    it("without the branch", function()
      failing({ kind = older_kind "not_found", status = support.as and 500 or 404, code = "GIT_BRANCH_NOT_FOUND" },
        repository.public_url, "demo", { branch = "none" })
      fails({ kind = "not_found" }, sandbox.fs:get_file_info "demo")
      failing({}, repository.public_url, "demo", { branch = "--upload-pack=touch evil" })
      fails({ kind = "not_found" }, sandbox.fs:get_file_info "evil")
    end)

    it("without the commit", function()
      failing({ kind = "not_found", status = 404 }, repository.public_url, "demo", { commit_id = ("0"):rep(40) })
      failing({}, repository.public_url, "demo2", { commit_id = "--help" })
    end)

    it("without the repository", function()
      failing({ kind = "not_found", status = 404, code = "GIT_REPO_NOT_FOUND" }, repository.missing_url, "demo")
      failing({ kind = "not_found", status = 404 }, "/no/such/repository", "demo")
      fails({ kind = "not_found" }, sandbox.fs:get_file_info "demo")
    end)

    it("without the server", function()
      failing({ kind = older_kind "bad_gateway", status = support.as and 500 or 502, code = "GIT_TRANSPORT_FAILED" },
        "http://127.0.0.1:1/x.git", "demo")
    end)

    it("where there is a repository already", function()
      check(git:clone(repository.public_url, "demo"))
      shell(sandbox, "echo mine > demo/mine")
      failing({ kind = "conflict", status = 409 }, repository.public_url, "demo")
      assert.equal("mine\n", check(sandbox.fs:download_file "demo/mine"))
    end)

    it("where it cannot write, and over what is there", function()
      shell(sandbox, "echo file > file")
      failing({}, repository.public_url, "file")
      failing({}, repository.public_url, "/usr/demo")
      assert.equal("file\n", check(sandbox.fs:download_file "file"))
    end)

    it("for an address that is a program", function()
      failing({}, "ext::sh -c 'touch evil'", "demo")
      failing({}, "--upload-pack=touch evil", "demo")
      fails({ kind = "not_found" }, sandbox.fs:get_file_info "evil")
    end)

    it("in a sandbox that is not there", function()
      fails({ kind = "not_found", sandbox_id = "nobody" },
        client:sandbox("nobody").git:clone(repository.public_url, "demo"))
    end)
  end)

  it("refuses nonsense before anything is sent", function()
    local nobody = client:sandbox("nobody").git
    local cases = {
      { nil, "p", nil, "field 'url': required" },
      { "u", nil, nil, "field 'path': required" },
      { " ", "p", nil, "field 'url': must not be blank" },
      { "u", "", nil, "field 'path': must not be blank" },
      { "u", "p", { branch = 5 }, "field 'branch': string expected, got number" },
      { "u", "p", { depth = 0 }, "field 'depth': out of range (1 to 2147483647)" },
      { "u", "p", { comit_id = "x" }, "unknown option 'comit_id' (did you mean 'commit_id'?)" },
    }
    for _, case in ipairs(cases) do
      assert.equal("git.clone: " .. case[4], support.raised(nobody.clone, nobody, case[1], case[2], case[3]))
    end
  end)
end)
