-- Forks of sandboxes, what is left where one is cut off, and backups.

local control = require "spec.local.control_support"
local copies_support = require "spec.local.copies_support"
local support = require "spec.support"

local MANY = copies_support.MANY

local server
local copies = copies_support.of(function() return server end)
local post, remove, stop, left, nothing_half = copies.post, copies.remove, copies.stop, copies.left, copies.nothing_half

describe("forks and backups", function()
  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  it("are sandboxes of their own, which know their parents", function()
    local parent = server:create { name = "parent", labels = { a = "b" }, env = { X = "y" } }
    server:sh(parent.id, "echo text >file; sleep 1000 >/dev/null 2>&1 &")
    local child = post("/sandbox/parent/fork", { name = "child" })
    assert.equal("creating", child.state)
    child = server:await(child.id, "started")
    assert.equal("started", server:await(parent.id, "started").state)
    assert.same({ "child", { a = "b" }, { X = "y" } }, { child.name, child.labels, child.env })
    assert.equal("text\ny\n", server:sh(child.id, "cat file; echo $X"))
    assert.equal("0\n", server:sh(child.id, "pgrep -c sleep"))
    server:sh(child.id, "echo changed >file")
    assert.equal("text\n", server:sh(parent.id, "cat file"))
    local grandchild = post "/sandbox/child/fork"
    server:await(grandchild.id, "started")
    assert.equal(grandchild.id, grandchild.name)
    assert.equal("changed\n", server:sh(grandchild.id, "cat file"))
    local function ids(list)
      local out = {}
      for i, item in ipairs(list) do
        out[i] = item.id
      end
      return out
    end
    local younger = post("/sandbox/parent/fork", { name = "younger" })
    server:await(younger.id, "started")
    support.eq({ child.id, younger.id }, ids(server:get "/sandbox/parent/forks"))
    support.eq({ parent.id, child.id }, ids(server:get("/sandbox/" .. grandchild.id .. "/ancestors")))
    assert.equal(child.id, server:get("/sandbox/" .. grandchild.id .. "/parent").id)
    support.eq({}, server:get "/sandbox/parent/ancestors")
    server:refuses(404, "Parent sandbox not found for sandbox parent", "GET", "/sandbox/parent/parent")
    server:refuses(409, "Sandbox with this name already exists", "POST", "/sandbox/parent/fork", { name = "child" })
    server:refuses(400, "Cannot delete sandbox which has active fork children. The forks must be deleted first.",
      "DELETE", "/sandbox/parent")
    for _, id in ipairs { grandchild.id, child.id, younger.id } do
      remove(id)
    end
    support.eq({}, server:get "/sandbox/parent/forks")
    stop(parent.id)
    server:refuses(400, "Sandbox must be in started state to fork", "POST", "/sandbox/parent/fork")
    remove(parent.id)
  end)

  it("leave no half a child when the server is killed", function()
    local parent = server:create { name = "parent" }
    server:sh(parent.id, MANY)
    local child = post("/sandbox/parent/fork", { name = "child" })
    server:kill()
    server = control.serve { data = server.data }
    nothing_half()
    assert.equal("stopped", server:get("/sandbox/parent").state)
    if left "sandboxes":find(child.id, 1, true) then -- it was faster
      assert(server:call("POST", "/sandbox/child/" .. (server:get("/sandbox/child").state == "error" and "recover"
        or "start")))
      assert.equal("300\n", server:sh(child.id, "ls many | wc -l"))
    else
      assert.equal("error", server:get("/sandbox/child").state)
      assert.is_nil(server:call("POST", "/sandbox/child/recover"))
      local shown = server:get "/sandbox/child"
      assert.equal("the copy of its files was not finished and cannot be made any more", shown.errorReason)
      assert.is_false(shown.recoverable)
    end
    remove(child.id)
    remove(parent.id)
  end)

  it("of backups there are none, as the sandbox says", function()
    local sandbox = server:create {}
    assert.equal("None", post("/sandbox/" .. sandbox.id .. "/backup").backupState)
    post("/sandbox/" .. sandbox.id .. "/autodelete/0")
    server:refuses(400, "Ephemeral sandboxes cannot be backed up", "POST", "/sandbox/" .. sandbox.id .. "/backup")
    remove(sandbox.id)
  end)
end)
