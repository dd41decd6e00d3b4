-- Volumes: their states and refusals in the words of the original, what is
-- mounted where, and what a hostile guest can do with links in them.

local control = require "spec.local.control_support"
local support = require "spec.support"

describe("volumes", function()
  local server

  setup(function()
    server = control.serve()
  end)

  teardown(function()
    server:stop()
    support.cleanup()
  end)

  local function volume(name)
    local made = assert(server:call("POST", "/volumes", { name = name }))
    assert.equal("pending_create", made.state)
    return server:get("/volumes/" .. made.id)
  end

  local function remove(id)
    assert(server:call("DELETE", "/sandbox/" .. id))
    server:await(id, "gone")
  end

  -- A sandbox with these volumes, { volume, mountPath, subpath } each.
  local function create(list)
    local volumes = {}
    for i, item in ipairs(list) do
      volumes[i] = { volumeId = item[1].id, mountPath = item[2], subpath = item[3] }
    end
    return server:create { volumes = volumes }, volumes
  end

  it("are made, found, listed and deleted", function()
    local one = volume "one"
    support.eq({
      id = support.any_string, name = "one", organizationId = support.any_string, state = "ready",
      createdAt = support.any_string, updatedAt = support.any_string,
    }, one)
    support.eq(one, server:get "/volumes/by-name/one")
    local unnamed = assert(server:call("POST", "/volumes", {}))
    assert.equal(unnamed.id, unnamed.name)
    assert.equal(2, #server:get "/volumes")
    server:refuses(400, "Volume with name one already exists", "POST", "/volumes", { name = "one" })
    server:refuses(404, "Volume with ID one not found", "GET", "/volumes/one")
    server:refuses(404, "Volume with ID one not found", "DELETE", "/volumes/one")
    server:refuses(404, "Volume with name nope not found", "GET", "/volumes/by-name/nope")
    server:refuses(400, "name must not contain HTML tags, URLs, or control characters, name must be a string",
      "POST", "/volumes", { name = 5 })
    server:refuses(501, "The field 'size' is not supported by daytona-local", "POST", "/volumes", { size = 5 })
    for _, id in ipairs { one.id, unnamed.id } do
      assert(server:call("DELETE", "/volumes/" .. id))
    end
    assert.equal(0, #server:get "/volumes")
    local deleted = server:get("/volumes/" .. one.id)
    assert.equal("deleted", deleted.state)
    assert.equal("one-deleted", deleted.name)
    assert.equal(2, #server:get "/volumes?includeDeleted=true")
    server:refuses(404, "Volume with name one not found", "GET", "/volumes/by-name/one")
    server:refuses(400, "Volume must be in 'ready' or 'error' state in order to be deleted", "DELETE",
      "/volumes/" .. one.id)
    server:refuses(404, "Volume 'one' not found", "POST", "/sandbox",
      { volumes = { { volumeId = "one", mountPath = "/x" } } })
    assert(server:call("DELETE", "/volumes/" .. volume("one").id))
  end)

  it("are shared, outlive sandboxes, and cannot be deleted while they are used", function()
    local data = volume "data"
    local a = server:create { volumes = { { volumeId = "data", mountPath = "/data/" } } }
    local b, volumes = create { { data, "/home/daytona/deep/er", "sub/dir" }, { data, "/mnt/all" } }
    support.eq({ { volumeId = data.id, mountPath = "/data/" } }, a.volumes)
    support.eq(volumes, b.volumes)
    assert.truthy(server:get("/volumes/" .. data.id).lastUsedAt)
    server:sh(a.id, "echo from a >/data/sub/dir/file; chmod 600 /data/sub/dir/file")
    assert.equal("from a\n", server:sh(b.id, "cat deep/er/file"))
    server:sh(b.id, "echo and b >>/home/daytona/deep/er/file")
    assert.equal("from a\nand b\n", server:sh(a.id, "cat /data/sub/dir/file"))
    assert.equal("file\n", server:sh(b.id, "cd deep/er && ls -A; cd .. && test ! -e sub"))
    local used = "Volume cannot be deleted because it is in use by one or more sandboxes (e.g. %s)"
    remove(a.id)
    server:refuses(409, used:format(b.name), "DELETE", "/volumes/" .. data.id)
    assert(server:call("POST", "/sandbox/" .. b.id .. "/stop"))
    server:await(b.id, "stopped")
    server:refuses(409, used:format(b.name), "DELETE", "/volumes/" .. data.id)
    assert(server:call("POST", "/sandbox/" .. b.id .. "/start"))
    assert.equal("from a\nand b\n", server:sh(b.id, "cat /mnt/all/sub/dir/file"))
    assert(server:call("DELETE", "/sandbox/" .. b.id))
    assert(server:call("DELETE", "/volumes/" .. data.id)) -- it waits for the sandbox's end
    support.eventually(function()
      return server:get("/volumes/" .. data.id).state == "deleted"
    end, 10, "deleted volume")
    assert.equal("", support.run("ls -A " .. support.quote(server.data .. "/volumes")))
  end)

  local PATHS = {
    { "data", "must be absolute" },
    { "", "must be absolute" },
    { "/", "cannot mount to the root directory" },
    { "/a/../b", "cannot contain relative path components" },
    { "/a/.", "cannot contain relative path components" },
    { "/a//b", "cannot contain consecutive slashes" },
    { "/proc", "cannot mount to system directory" },
    { "/etc/x", "cannot mount to system directory" },
    { "/lib64/", "cannot mount to system directory" },
  }
  local SUBPATHS = {
    { "/a", "S3 key prefixes cannot start with /" },
    { "a/../b", "cannot contain .. for security" },
    { "a//b", "cannot contain consecutive slashes" },
  }
  local UNSUPPORTED = "Mounting a volume in a directory that is the machine's own (/usr, /home, /opt) is"

  it("are refused at places where they cannot be", function()
    local data = volume "places"
    local function refuses(status, message, ...)
      local volumes = {}
      for i, item in ipairs { ... } do
        volumes[i] = { volumeId = data.id, mountPath = item[1], subpath = item[2] }
      end
      server:refuses(status, message, "POST", "/sandbox", { volumes = volumes })
    end
    for _, case in ipairs(PATHS) do
      refuses(400, ("Invalid mount path %s (%s)"):format(case[1]:match "^%Z*", case[2]), { case[1] })
    end
    refuses(400, "volumes must not contain NUL characters", { "/a\0b" })
    for _, case in ipairs(SUBPATHS) do
      refuses(400, ('Invalid subpath "%s" (%s)'):format(case[1], case[2]), { "/x", case[1] })
    end
    for _, path in ipairs { "/usr/local/x", "/home", "/opt/", "/opt/daytona/bin" } do
      refuses(501, UNSUPPORTED .. " not supported by daytona-local", { path })
    end
    local _, err = server:call("POST", "/sandbox",
      { volumes = { { volumeId = data.id, mountPath = ("/xyz"):rep(5000) } } })
    assert.equal(400, err.status)
    local inside = "Mounting a volume inside another one is not supported by daytona-local"
    refuses(501, inside, { "/x" }, { "/x/" })
    refuses(501, inside, { "/x/y" }, { "/x" })
    refuses(501, inside, { "/x/" }, { "/x/y" })
    local many = {}
    for i = 1, 17 do
      many[i] = { "/v/" .. i }
    end
    refuses(501, "More than 16 volumes in a sandbox are not supported by daytona-local",
      (table.unpack or unpack)(many)) -- luacheck: ignore
    many[17] = nil
    many[1] = { "/etcx" }
    many[2] = { "/tmp/here", "" }
    many[3] = { "/home/daytona/here", "." }
    local list = {}
    for i, item in ipairs(many) do
      list[i] = { data, item[1], item[2] }
    end
    local sandbox = create(list)
    server:sh(sandbox.id, "echo yes >/etcx/file")
    assert.equal("yes\nyes\nyes\n", server:sh(sandbox.id, "cat /tmp/here/file here/file /v/16/file"))
    remove(sandbox.id)
  end)

  it("lead nowhere by links that a guest has put there", function()
    local data = volume "links"
    local outside = support.temp_dir()
    assert(os.execute("chmod 777 " .. support.quote(outside)))
    support.write_file(outside .. "/keep", "kept")
    local guest = create { { data, "/data" } }
    server:sh(guest.id, ("cd /data && ln -s %s out && ln -s .. up && mkdir real && ln -s real alias && "
      .. "ln -s %s/volumes host && echo x >file"):format(outside, server.data))
    for _, sub in ipairs { "out", "out/deep", "up", "alias", "alias/x", "host", "file", "real/../real" } do
      local value, err = server:call("POST", "/sandbox", { name = "trial",
        volumes = { { volumeId = data.id, mountPath = "/x", subpath = sub } } })
      assert.is_nil(value)
      assert.equal(400, err.status)
      if not sub:find("..", 1, true) then
        assert.truthy(err.body:find("Sandbox failed to start: subpath " .. sub, 1, true), err.body)
        assert.is_nil(server:call("POST", "/sandbox/trial/start"))
        remove(server:get("/sandbox/trial").id)
      end
    end
    assert.equal("keep\n", support.run("ls -A " .. support.quote(outside)))
    -- the place of a mount in the sandbox's own home
    local own = create { { data, "/home/daytona/place/deep", "real" } }
    assert(server:call("POST", "/sandbox/" .. own.id .. "/stop"))
    server:await(own.id, "stopped")
    assert(server:call("POST", "/sandbox/" .. own.id .. "/start"))
    server:sh(own.id, ("mv place moved; ln -s %s place"):format(outside))
    assert(server:call("POST", "/sandbox/" .. own.id .. "/stop"))
    server:await(own.id, "stopped")
    local value, err = server:call("POST", "/sandbox/" .. own.id .. "/start")
    assert.is_nil(value)
    assert.truthy(err.body:find("mount path /home/daytona/place/deep is no directory", 1, true), err.body)
    assert.equal("keep\n", support.run("ls -A " .. support.quote(outside)))
    remove(own.id)
    remove(guest.id)
    assert(server:call("DELETE", "/volumes/" .. data.id))
    support.eventually(function()
      return support.run("ls -A " .. support.quote(server.data .. "/trash")) == ""
    end, 10, "empty trash")
    assert.equal("kept", support.read_file(outside .. "/keep"))
  end)

  -- A descriptor of a directory outside would lead out by its "..".
  it("leave no descriptor in the sandbox", function()
    local data = volume "descriptors"
    local sandbox = create { { data, "/data" }, { data, "/more", "sub" } }
    local found = server:sh(sandbox.id, "for p in /proc/[0-9]*; do "
      .. "ls -l $p/fd 2>/dev/null; done | grep -c volumes/; ls /proc/self/fd | wc -l")
    local plain = server:create {}
    assert.equal("0\n" .. server:sh(plain.id, "ls /proc/self/fd | wc -l"), found)
    remove(plain.id)
    remove(sandbox.id)
  end)

  -- Another sandbox replaces the directory by a link, again and again, while
  -- this one starts: it starts with the volume's own, or not at all.
  it("are what they were when they were looked at", function()
    local data = volume "race"
    local outside = support.temp_dir()
    support.write_file(outside .. "/secret", "secret")
    assert(os.execute("chmod 755 " .. support.quote(outside)))
    local rogue = create { { data, "/data" } }
    server:sh(rogue.id, ("mkdir /data/sub; cd /data; ln -s %s link; "
      .. "(while :; do mv -T sub kept; mv -T link sub; mv -T sub link; mv -T kept sub; done) >/dev/null 2>&1 &"):format(
      outside))
    local started = 0
    for _ = 1, 12 do
      local made = server:call("POST", "/sandbox",
        { name = "victim", volumes = { { volumeId = data.id, mountPath = "/x", subpath = "sub" } } })
      if made then
        started = started + 1
        assert.equal("", server:sh(made.id, "ls -A /x"))
      end
      remove(server:get("/sandbox/victim").id)
    end
    assert.equal("secret\n", support.run("ls -A " .. support.quote(outside)))
    remove(rogue.id)
    return started
  end)

  it("survive kill -9, made and deleted", function()
    local data = volume "lasting"
    local sandbox = create { { data, "/data" } }
    server:sh(sandbox.id, "echo content >/data/file")
    local gone = volume "gone"
    server:kill()
    control.sql(server.data, ("UPDATE volumes SET state = 'pending_create' WHERE id = '%s';"
      .. "UPDATE volumes SET state = 'pending_delete' WHERE id = '%s';"
      .. "INSERT INTO mounts VALUES ('nobody', 0, '%s', '/x', NULL)"):format(data.id, gone.id, data.id))
    server = control.serve { data = server.data }
    assert.equal("ready", server:get("/volumes/" .. data.id).state)
    assert.equal("deleted", server:get("/volumes/" .. gone.id).state)
    assert(server:call("POST", "/sandbox/" .. sandbox.id .. "/start"))
    assert.equal("content\n", server:sh(sandbox.id, "cat /data/file"))
    remove(sandbox.id)
    assert(server:call("DELETE", "/volumes/" .. data.id))
  end)
end)

describe("volumes without isolation", function()
  teardown(support.cleanup)

  it("are not mounted", function()
    local server = control.serve { arguments = "--isolation none" }
    assert(server:call("POST", "/volumes", { name = "v" }))
    server:refuses(501, "Mounting volumes without isolation is not supported by daytona-local", "POST", "/sandbox",
      { volumes = { { volumeId = "v", mountPath = "/x" } } })
    server:stop()
  end)
end)
