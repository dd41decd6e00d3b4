-- Forms whose parts could be read in two ways, depending on how they were cut:
-- a path came together from pieces with a hole between them, a second header
-- was added to the first, a name ended at a NUL. None may reach a file.

local support = require "spec.support"
local toolbox = require "spec.local.toolbox_support"

describe("a form that lies", function()
  local box

  setup(function()
    box = toolbox.start()
  end)

  teardown(function()
    box:stop()
    support.cleanup()
  end)

  before_each(function()
    box:sh "rm -rf -- *"
  end)

  local function refused(form)
    local message = box:refuses(400, "BAD_REQUEST", "POST", "/files/bulk-upload", form)
    assert.equal("", box:sh "ls -A")
    return message
  end

  -- One file "f" with these headers, and that content.
  local function form(headers, content)
    local sent = toolbox.form { { "files[0].path", "f" } }
    sent.body = sent.body:gsub("%-%-BOUND%-%-\r\n$", "") ..
      "--BOUND\r\n" .. headers .. "\r\n\r\n" .. content .. "\r\n--BOUND--\r\n"
    return sent
  end

  local disposition = 'Content-Disposition: form-data; name="files[0].%s"; filename="x"'

  it("has a path that is too long", function()
    assert.equal("path[0]: invalid path; file[0]: missing .path metadata", refused(toolbox.form {
      { "files[0].path", ("a\r\n--BOUN"):rep(20000) .. "b" }, { "files[0].file", "x", "x" },
    }))
  end)

  it("says twice what a part is", function()
    box:ask("POST", "/files/bulk-upload",
      form(disposition:format "file" .. "\r\n" .. disposition:format "path", "content"))
    assert.equal("content", box:sh "cat f")
  end)

  it("has a NUL in a header", function()
    assert.equal("reading part: malformed part header",
      refused(form(disposition:gsub("%%s", function() return "file\0" end), "content")))
  end)

  it("has headers without end", function()
    assert.equal("reading part: part headers too long",
      refused(form(disposition:format "file" .. "\r\nX: " .. ("x"):rep(70000), "content")))
  end)

  it("has a boundary with more after it than a line may have", function()
    local content = "x\r\n--BOUND" .. (" "):rep(100) .. "\r\n\r\n"
    box:ask("POST", "/files/bulk-upload", form(disposition:format "file", content))
    assert.equal(content, box:ask("GET", "/files/download", { query = { path = "f" }, raw = true }))
  end)
end)
