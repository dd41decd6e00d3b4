-- core.demultiplexer: a log cut anywhere gives the same two streams.

local core = require "daytona.core"

-- Feeds the pieces; gives both streams, each as one string.
local function demultiplex(pieces)
  local demultiplexer, list = core.demultiplexer(), {}
  local streams = { stdout = "", stderr = "" }
  local function take(count)
    for index = 1, count, 2 do
      assert(list[index] ~= list[index - 2] or index == 1, "neighbours of one stream")
      assert(list[index + 1] ~= "", "an empty chunk")
      streams[list[index]] = streams[list[index]] .. list[index + 1]
    end
  end
  for _, piece in ipairs(pieces) do
    take(demultiplexer:feed(piece, list))
  end
  take(demultiplexer:flush(list))
  return streams.stdout, streams.stderr
end

local OUT, ERR = "\1\1\1", "\2\2\2"

-- With markers repeated and doubled, and their bytes in the output.  Of "\2\2"
-- before a marker of twos nobody can say which are the marker.
local LOG = OUT .. "hello\n" .. ERR .. "warning\n" .. ERR .. "again\n" .. OUT .. "$ " .. OUT .. ERR .. "x"
  .. OUT .. "a\1b\1\1c\2d" .. ERR .. "\2\2e" .. OUT .. "\0\255\1"
local STDOUT = "hello\n$ a\1b\1\1c\2d\0\255\1"
local STDERR = "warning\nagain\nx\2\2e"

describe("the demultiplexer", function()
  it("takes a log apart", function()
    assert.same({ "out", "err" }, { demultiplex { OUT .. "out" .. ERR .. "err" } })
    assert.same({ STDOUT, STDERR }, { demultiplex { LOG } })
  end)

  it("gives the same wherever it is cut", function()
    for at = 0, #LOG do
      assert.same({ STDOUT, STDERR }, { demultiplex { LOG:sub(1, at), LOG:sub(at + 1) } })
    end
  end)

  it("gives the same at every pair of cuts", function()
    for first = 0, #LOG do
      for second = first, #LOG do
        assert.same({ STDOUT, STDERR },
          { demultiplex { LOG:sub(1, first), LOG:sub(first + 1, second), LOG:sub(second + 1) } })
      end
    end
  end)

  it("gives the same at random cuts", function()
    local words = { OUT, ERR, "\1", "\2", "\1\1", "\2\2", "text", "\n", "\0", "\1\2", "\3" }
    for _ = 1, 300 do
      local parts = { OUT }
      for _ = 1, math.random(40) do
        parts[#parts + 1] = words[math.random(#words)]
      end
      local log = table.concat(parts)
      local pieces, position = {}, 1
      while position <= #log do
        local length = math.random(0, 5)
        pieces[#pieces + 1] = log:sub(position, position + length - 1)
        position = position + length
      end
      assert.same({ demultiplex { log } }, { demultiplex(pieces) })
    end
  end)

  it("keeps nothing back but the start of a marker", function()
    local list = {}
    for text, given in pairs {
      ["$ "] = "$ ", ["a\1"] = "a", ["a\1\1"] = "a", ["a\2"] = "a", ["\1\2"] = "\1", ["a\1\1\2"] = "a\1\1",
      ["b\3"] = "b\3",
    } do
      local demultiplexer = core.demultiplexer()
      demultiplexer:feed(OUT, list)
      assert.equal(2, demultiplexer:feed(text, list))
      assert.equal(given, list[2])
      assert.equal(#text - #given, (demultiplexer:place()))
    end
  end)

  it("gives what comes before any marker as standard output", function()
    assert.same({ "plain\1", "" }, { demultiplex { "plain\1" } })
    assert.same({ "noise", "e" }, { demultiplex { "noise" .. ERR .. "e" } })
  end)

  it("goes on in the middle of a log", function()
    local list = {}
    local demultiplexer = core.demultiplexer "stderr"
    assert.equal(2, demultiplexer:feed("x", list))
    assert.equal("stderr", list[1])
    local kept, stream = demultiplexer:place()
    assert.same({ 0, "stderr" }, { kept, stream })
    assert.same({ 0 }, { core.demultiplexer():place() })
  end)

  it("refuses what is none", function()
    assert.has_error(function() core.demultiplexer "stdin" end)
    assert.has_error(function() core.demultiplexer():feed({}, {}) end)
    assert.has_error(function() core.demultiplexer():feed("x") end)
    assert.has_error(function() core.demultiplexer.feed(io.stdout, "x", {}) end)
  end)

  it("takes long pieces", function()
    local line = ("x"):rep(99) .. "\n"
    local log = (OUT .. line):rep(5000) .. (ERR .. line):rep(3000)
    local stdout, stderr = demultiplex { log }
    assert.equal(line:rep(5000), stdout)
    assert.equal(line:rep(3000), stderr)
  end)
end)
