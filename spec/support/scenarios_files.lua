-- What a user does with the files of a sandbox; see scenarios.lua.

local scenarios = require "spec.support.scenarios"

local bytes, check, equal, expect, fails =
  scenarios.bytes, scenarios.check, scenarios.equal, scenarios.expect, scenarios.fails
local read_file, write_file = scenarios.read_file, scenarios.write_file

local calls = {}

local function add(name, run)
  calls[#calls + 1] = { name = name, run = run }
end

add("files go up from everywhere and come down to everywhere", function(kit)
  local fs, one, two = kit.sandbox.fs, bytes(700000, 1), bytes(150000, 2)
  local source, target = write_file(kit:here "up", one), kit:here "down"
  kit:at_once {
    function()
      check(fs:upload_file(source, kit:path "one"))
      check(fs:download_file(kit:path "one", target))
      expect(read_file(target) == one, "the file differs")
    end,
    function()
      check(fs:upload_file({ content = two }, kit:path "two"))
      expect(check(fs:download_file(kit:path "two")) == two, "the string differs")
    end,
    function()
      local position = 0
      check(fs:upload_file(function()
        position = position + 50000
        return position <= #one and one:sub(position - 49999, position) or nil
      end, kit:path "three"))
      local reader, parts = fs:read_file(kit:path "three"), {}
      repeat
        local chunk, err = reader:read()
        expect(not err, "%s", tostring(err))
        parts[#parts + 1] = chunk
      until not chunk
      expect(table.concat(parts) == one, "the chunks differ")
    end,
  }
  assert(os.remove(source))
  assert(os.remove(target))
end)

add("downloads beside other calls on the same connections", function(kit)
  local process, fs, content = kit.sandbox.process, kit.sandbox.fs, bytes(300000, 3)
  check(fs:upload_file({ content = content }, kit:path "beside"))
  local list = { function() check(process:exec "sleep 0.3") end }
  for i = 1, 5 do
    list[#list + 1] = function() check(process:exec("echo " .. i)) end
    list[#list + 1] = function()
      check(process:exec "true")
      expect(check(fs:download_file(kit:path "beside")) == content, "the string differs")
    end
  end
  kit:at_once(list)
end)

add("a reader that waits keeps nobody back", function(kit)
  local process, fs = kit.sandbox.process, kit.sandbox.fs
  check(process:exec("head -c 12000000 /dev/zero > " .. kit:path "large"))
  local readers = {}
  for i = 1, 3 do
    readers[i] = fs:read_file(kit:path "large")
    equal(262144, #check(readers[i]:read()), "the first chunk")
  end
  for i = 1, 3 do
    equal(i .. "\n", check(process:exec("echo " .. i)).result, "result")
  end
  check(fs:upload_file({ content = "small" }, kit:path "small"))
  equal("small", check(fs:download_file(kit:path "small")), "a download")
  local sum = 262144
  while true do
    local chunk, err = readers[1]:read()
    expect(not err, "%s", tostring(err))
    if not chunk then
      break
    end
    sum = sum + #chunk
  end
  equal(12000000, sum, "all that was read")
  readers[2]:close()
  readers[3]:close()
  equal("after\n", check(process:exec "echo after").result, "result")
end)

add("an upload of some size", function(kit)
  local fs, content = kit.sandbox.fs, bytes(3000000, 4)
  check(fs:upload_file({ content = content }, kit:path "size"))
  expect(check(fs:download_file(kit:path "size")) == content, "the string differs")
end)

add("files are listed, moved, found and gone", function(kit)
  local fs = kit.sandbox.fs
  check(fs:create_folder(kit:path "a b%2Fc"))
  check(fs:upload_file({ content = "find me\n" }, kit:path "a b%2Fc/é?&=#"))
  local list = check(fs:list_files(kit:path "a b%2Fc"))
  equal(1, #list, "files")
  equal("é?&=#", list[1].name, "name")
  check(fs:move_file(kit:path "a b%2Fc/é?&=#", kit:path "moved"))
  equal(8, check(fs:get_file_info(kit:path "moved")).size, "size")
  equal(1, #check(fs:find_files(kit.remote, "find me")), "found")
  check(fs:delete_file(kit:path "moved"))
  fails("not_found", fs:get_file_info(kit:path "moved"))
end)

local TREE = { ["a"] = "x", ["b/c"] = "", ["b/d e"] = "y", ["b/f/g"] = "z" }

add("a directory goes up and comes down", function(kit)
  local fs, up, down = kit.sandbox.fs, kit:here "dir-up", kit:here "dir-down"
  assert(os.execute(("mkdir -p '%s/b/f'"):format(up)))
  for name, seed in pairs(TREE) do
    write_file(up .. "/" .. name, bytes(#seed * 90000, #name))
  end
  check(fs:upload_dir(up, kit:path "dir"))
  check(fs:download_dir(kit:path "dir", down))
  for name, seed in pairs(TREE) do
    expect(read_file(down .. "/" .. name) == bytes(#seed * 90000, #name), "%s differs", name)
  end
  assert(os.execute(("rm -r '%s' '%s'"):format(up, down)))
end)

return calls
