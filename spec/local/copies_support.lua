-- What the specs of snapshots and of forks share.  `of(get)` gives the helpers
-- for the server that get() returns: a spec may replace its server.

local assert = require "luassert"
local support = require "spec.support"

local copies = {}

-- Makes files that take a moment to be copied.
copies.MANY = "head -c 60000000 /dev/zero >large; mkdir many; seq 1 300 | split -l 1 -a 4 - many/f"

function copies.of(get)
  local self = {}

  function self.post(path, body)
    return assert(get():call("POST", path, body))
  end

  function self.remove(id)
    assert(get():call("DELETE", "/sandbox/" .. id))
    get():await(id, "gone")
  end

  function self.stop(id)
    self.post("/sandbox/" .. id .. "/stop")
    get():await(id, "stopped")
  end

  local function await_snapshot(name, state)
    return support.eventually(function()
      local found = get():get("/snapshots/" .. name:gsub("/", "%%2F"))
      if found.state == "error" and state ~= "error" then
        error(found.errorReason)
      end
      return found.state == state and found
    end, 20, "snapshot " .. state)
  end

  -- Makes a snapshot of the sandbox and waits until it is in `state` ("active").
  function self.snapshot(id, name, state)
    local answer = self.post("/sandbox/" .. id .. "/snapshot", { name = name })
    assert.equal("snapshotting", answer.state)
    local made = await_snapshot(name, state or "active")
    support.eventually(function()
      return get():get("/sandbox/" .. id).state ~= "snapshotting"
    end, 10, "sandbox that goes on")
    return made
  end

  -- The names of what is in a directory of the server's data.
  function self.left(directory)
    return support.run("ls -A " .. support.quote(get().data .. "/" .. directory))
  end

  -- No copy is unfinished, and the trash becomes empty.
  function self.nothing_half()
    assert.equal("", self.left "copies")
    support.eventually(function()
      return self.left "trash" == ""
    end, 10, "empty trash")
  end

  return self
end

return copies
