-- What comes from a server and is shown to people holds no control characters.

local core = require "daytona.core"
local daytona = require "daytona"
local support = require "spec.support"

describe("core.printable", function()
  it("puts a question mark in the place of each control character", function()
    assert.equal("?[31mred?[0m", core.printable "\27[31mred\27[0m")
    assert.equal("a?b?c?d", core.printable "a\0b\127c\rd")
    assert.equal("??", core.printable "\n\t")
    assert.equal("x?2Jy", core.printable "x\194\1552Jy") -- C1 in UTF-8
    assert.equal("?", core.printable "\194\128")
    assert.equal("?", core.printable "\194\159")
  end)

  it("keeps newlines and tabs where they are wanted", function()
    assert.equal("a\n\tb?", core.printable("a\n\tb\r", true))
  end)

  it("leaves other text alone, whatever its encoding", function()
    for _, text in ipairs { "", "plain", "\195\164\226\130\172\240\159\152\128", "\194\160", "\255\254", "end\194" } do
      assert.equal(text, core.printable(text))
    end
  end)
end)

describe("what a server sends", function()
  local faulty, client

  setup(function()
    faulty = support.fault_server()
    client = support.client(faulty, { max_retries = 0 })
  end)

  teardown(function()
    client:close()
    faulty:close()
  end)

  it("does not reach a terminal raw in a handle that is printed", function()
    local sandbox = client:sandbox { id = "sb-1", state = "started\27]0;title\7" }
    assert.equal("daytona.sandbox sb-1 (started?]0;title?)", tostring(sandbox))
    assert.equal("started\27]0;title\7", sandbox.state) -- for programs, as it was sent
  end)

  it("does not reach a terminal raw in the message of an error", function()
    faulty:script({ path_prefix = "/" }, { { status = 400, body = { message = "no\27[2J such\rthing\nhere" } } })
    local ok, err = client:get "sb-1"
    assert.is_nil(ok)
    assert.equal("no?[2J such?thing\nhere", err.message)
    assert.is_nil(tostring(err):find("[%z\1-\8\11-\31\127]"))
    assert.equal("bad_request", err.kind)
  end)

  it("is cleaned in the errors of the Lua layer too", function()
    assert.is_function(daytona.new)
    local err = require("daytona.call.error").new { kind = "state", operation = "x", message = "state \27[1m" }
    assert.equal("state ?[1m", err.message)
  end)
end)
