-- The lines of the README: lua5.4 examples/first.lua

local daytona = require "daytona"
local server = assert(daytona.testing.start())   -- a Daytona of this script's own;
local client = assert(server:client())           -- with an account: local client = assert(daytona.new())

assert(client:with_sandbox({ language = "python" }, function(sandbox)     -- deleted whatever happens
  print(sandbox)                                                          --> daytona.sandbox 66716b5f-... (started)
  print(assert(sandbox.process:code_run "print(6 * 7)").result)           --> 42
  assert(sandbox.fs:upload_file({ content = "a,b\n1,2\n", name = "data.csv" }, "work/"))
  print(assert(sandbox.process:run("wc -l data.csv; ls nowhere", { cwd = "work", timeout = 30 })))
  print(assert(sandbox.fs:download_file "work/data.csv"))
  for _, file in ipairs(assert(sandbox.fs:list_files "work")) do print(file.name, file.size, file.permissions) end
  local info, err = sandbox.fs:get_file_info "nowhere"                    -- what the world can cause is nil, err
  print(info, err)   --> fs.get_file_info failed: file not found: nowhere (not_found 404), sandbox ...
  return true
end))
server:stop()
