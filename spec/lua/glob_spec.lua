-- Patterns for paths.

local glob = require "daytona.text.glob"

describe("a pattern for paths", function()
  local function matches(pattern, path)
    return assert(glob.matcher(pattern))(path)
  end

  it("matches names of a directory, and any number of directories", function()
    for _, case in ipairs {
      { "*.lua", "a.lua", true }, { "*.lua", "d/a.lua", false }, { "d/*.lua", "d/a.lua", true },
      { "**/*.lua", "a.lua", true }, { "**/*.lua", "d/e/a.lua", true }, { "d/**", "d", true },
      { "d/**", "d/e/f", true }, { "d/**/f", "d/f", true }, { "d/**/f", "d/e/g/f", true },
      { "d/**/f", "d/e/g", false }, { "**", "x/y", true }, { "**/**/x", "x", true }, { "?", "a", true },
      { "?", "ab", false }, { "a?c", "abc", true }, { "[ab].c", "a.c", true }, { "[!ab].c", "a.c", false },
      { "[^ab].c", "c.c", true }, { "[a-c]", "b", true }, { "[]]", "]", true }, { "[%w]", "w", true },
      { "[%w]", "x", false }, { "a.b", "axb", false }, { "a+", "a+", true }, { "\\*", "*", true },
      { "\\*", "x", false }, { "%a", "%a", true }, { "%a", "x", false }, { "a/", "a", true },
      { "?", "\195\188", true }, { "\255*", "\255x", true },
      { "./**/*.c", "d/a.c", true }, { "./a", "a", true }, { "d/./a", "d/a", true }, { ".*", "a", false },
    } do
      assert.equal(case[3], matches(case[1], case[2]), case[1] .. " " .. case[2])
    end
    assert.is_nil(glob.matcher "a/[b")
  end)

  it("does not take for ever", function()
    assert.is_false(matches(("**/"):rep(6) .. "x", ("a/"):rep(30) .. "y"))
    assert.is_false(matches(("*a"):rep(8) .. "b", ("a"):rep(40)))
  end)
end)
