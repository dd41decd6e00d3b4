-- Links for those who have no API key, against daytona-local.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

local check, fails = e2e.check, e2e.fails

describe("links", function()
  local client, sandbox

  e2e.serve(function(...)
    sandbox, client = ...
  end)

  -- The body and the status that somebody without a credential gets.
  local function ask(url, more)
    local output = support.run(("curl -s -w '\n%%{http_code}' %s %s"):format(more or "", support.quote(url)))
    local body, status = output:match "^(.*)\n(%d+)$"
    return body, tonumber(status)
  end

  if support.as then
    it("to files are unknown to older servers", function()
      fails({ kind = "not_found", operation = "sandbox.download_url" }, sandbox:download_url "x")
      fails({ kind = "not_found", operation = "sandbox.rotate_signing_key" }, sandbox:rotate_signing_key())
    end)
  else
    it("to files read and write one of them", function()
      for _, path in ipairs { "plain.txt", "/tmp/ü ? & = # % +.txt" } do
        local writes = check(sandbox:upload_url(path, { expires_in_seconds = 60 }))
        assert.equal(200, select(2, ask(writes, "--data-binary 'linked'")))
        assert.equal("linked", check(sandbox.fs:download_file(path)))
        local reads = check(sandbox:download_url(path))
        support.eq({ "linked", 200 }, { ask(reads) })
        support.eq({ "linked", 200 }, { ask(check(sandbox:download_url(path, { expires_in_seconds = 0 }))) })
        assert.equal(401, select(2, ask((reads:gsub("path=[^&]*", "path=other")))))
        assert.equal(401, select(2, ask((writes:gsub("upload%-v2", "download")))))
        local expires = tonumber(reads:match "expires=(%d+)")
        assert.truthy(math.abs(expires - os.time() - 3600) < 60)
      end
    end)

    it("to files are void when the key is rotated, or their time is over", function()
      check(sandbox.fs:upload_file({ content = "kept" }, "kept"))
      local url = check(sandbox:download_url "kept")
      check(sandbox:rotate_signing_key())
      assert.equal(401, select(2, ask(url)))
      support.eq({ "kept", 200 }, { ask(check(sandbox:download_url "kept")) })
      url = check(sandbox:download_url("kept", { expires_in_seconds = 1 }))
      support.eventually(function()
        local body, status = ask(url)
        return status == 401 and body:find("signature is expired", 1, true)
      end)
    end)

    it("to files need no handle that was read before", function()
      local bare = client:sandbox { id = sandbox.id }
      assert.truthy(check(bare:download_url "kept"):find("/toolbox/" .. sandbox.id, 1, true))
    end)
  end

  it("to ports need no credential, for a while", function()
    check(sandbox.process:exec("mkdir -p www && echo served > www/index.html && cd www && "
      .. "(setsid python3 -m http.server 8123 >/dev/null 2>&1 &)"))
    local link = check(sandbox:create_signed_preview_url(8123, { expires_in_seconds = 60 }))
    assert.equal(sandbox.id, link.sandbox_id)
    assert.equal(8123, link.port)
    local host, port = link.url:match "^http://(8123%-%w+%.[^:/]+):(%d+)$"
    assert.equal("8123-" .. link.token .. ".localhost", host)
    local resolve = ("--resolve %s:%s:127.0.0.1"):format(host, port)
    support.eventually(function()
      return ask(link.url, resolve) == "served\n"
    end)
    check(sandbox:expire_signed_preview_url(8123, link.token))
    assert.equal(401, select(2, ask(link.url, resolve)))
    check(sandbox:expire_signed_preview_url(8123, link.token)) -- twice is as good as once
  end)
end)
