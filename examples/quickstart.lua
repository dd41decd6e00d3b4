-- A job from start to end: a CSV file goes into a sandbox, code there analyses
-- it, the result comes back.  `make demo` runs this on a daytona-local of its
-- own; with DAYTONA_API_KEY set it runs on Daytona itself, unchanged.

local daytona = require "daytona"
local core = require "daytona.core" -- for its clock

local here = arg and arg[0]:match "^(.*)/" or "."
local repository = os.getenv "DAYTONA_EXAMPLE_REPOSITORY" or "https://github.com/lunarmodules/luafilesystem"

--- Runs one step and prints what it was, how long it took and what came out.
local function step(title, fn)
  local start = core.now()
  io.write(("%-42s"):format(title))
  io.flush()
  local value, note = fn()
  print(("%8.1f ms   %s"):format((core.now() - start) * 1000, note or ""))
  return value
end

--- assert for error objects, on every Lua (that of 5.1 takes only strings).
local function check(value, err)
  return value or error(tostring(err), 2)
end

local function indent(text)
  return "    " .. text:gsub("\n+$", ""):gsub("\n", "\n    ")
end

local ANALYSE = [[
import csv, json, statistics
stations = {}
for row in csv.DictReader(open("work/weather.csv")):
    stations.setdefault(row["station"], []).append(float(row["temperature"]))
report = {
    name: {"readings": len(values), "mean": round(statistics.mean(values), 2),
           "lowest": min(values), "highest": max(values)}
    for name, values in sorted(stations.items())
}
json.dump(report, open("work/report.json", "w"), indent=2)
for name, facts in report.items():
    print(f"{name:<8} {facts['readings']:>4} readings, "
          f"{facts['lowest']:>6} to {facts['highest']:>5}, mean {facts['mean']:>6}")
]]

local client = check(daytona.new())
print("Daytona at " .. client.api_url)

local total = core.now()
check(client:with_sandbox({ language = "python", labels = { example = "quickstart" } }, function(sandbox)
  print(("Sandbox %s is %s after %.1f ms\n"):format(sandbox.id, sandbox.state, (core.now() - total) * 1000))

  step("Upload examples/weather.csv", function()
    local file = check(sandbox.fs:upload_file(here .. "/weather.csv", "work/"))
    return file, ("%s, %d bytes"):format(file.path, file.bytes)
  end)

  step("Clone a git repository", function()
    return check(sandbox.git:clone(repository, "work/repository")), repository
  end)

  local counted = step("Run a shell command", function()
    local run = check(sandbox.process:exec("wc -l weather.csv && git -C repository log --oneline | head -3",
      { cwd = "work", timeout = 30 }))
    return run.result, "exit code " .. run.exit_code
  end)
  print(indent(counted))

  local analysed = step("Analyse the data with Python", function()
    local run = check(sandbox.process:code_run(ANALYSE, { timeout = 30 }))
    return run.result, "exit code " .. run.exit_code
  end)
  print(indent(analysed))

  step("Download work/report.json", function()
    local text = check(sandbox.fs:download_file "work/report.json")
    return text, #text .. " bytes"
  end)

  local files = step("List work/", function()
    local list = check(sandbox.fs:list_files "work")
    return list, #list .. " entries"
  end)
  for _, file in ipairs(files) do
    local name = file.name .. (file.is_dir and "/" or "")
    print(("    %s %8d  %s"):format(file.permissions or file.mode, file.size, name))
  end

  step("Stop", function()
    return check(sandbox:stop()), sandbox.state
  end)
  step("Start again", function()
    return check(sandbox:start()), sandbox.state
  end)
  step("Are the files still there?", function()
    local info = check(sandbox.fs:get_file_info "work/report.json")
    return info, ("yes: %s, %d bytes"):format(info.name, info.size)
  end)
  return true
end))

print(("\nSandbox deleted. The whole job took %.2f s."):format(core.now() - total))
client:close()
