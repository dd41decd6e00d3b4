--- One transfer of a directory, from its call to its return: what upload_dir and
--- download_dir have in common.

local call = require "daytona.call.call"
local core = require "daytona.core"
local deadlines = require "daytona.call.deadline"
local error_object = require "daytona.call.error"
local toolbox = require "daytona.call.toolbox"
local tree = require "daytona.fs.listing"
local workers = require "daytona.fs.workers"

local CONCURRENCY = 4
local LARGE = 4 * 1024 * 1024       -- bytes from which a file has a request of its own
local BATCH_BYTES = 8 * 1024 * 1024 -- of the small ones that share a request
local BATCH_FILES = 200

-- What an error of these kinds says concerns one file; any other ends it all.
local CONCERNS_ONE = {
  file = true, not_found = true, forbidden = true, bad_request = true, conflict = true, gone = true,
  unprocessable = true, protocol = true, server = true,
}

--- A kind of it adds `may_share(file)`, `send_one(file, options)`,
--- `send_many(files, options)` and perhaps `finish_file(file)`.
---@class daytona.Copy
local Copy = {}
Copy.__index = Copy

--- Begins a transfer; raises for bad arguments.
---@param kind table a class that extends this one
---@param fs daytona.FileSystem
---@param operation string
---@param options table?
---@param arguments { local_dir: string, remote_dir: string }
---@return daytona.Copy
function Copy.begin(kind, fs, operation, options, arguments)
  local params = call.params(operation, options, arguments)
  core.check(operation, params)
  local client = core.sandbox_owner(fs._sandbox)
  local host = client.host
  if host.check then
    host.check()
  end
  return setmetatable({
    fs = fs, client = client, host = host, operation = operation, params = params, started = core.now(),
    deadline = deadlines.of(params, deadlines.TRANSFER), done = 0, total = 0,
    local_dir = core.absolute(params.local_dir), remote_dir = params.remote_dir,
    result = {
      files = 0, directories = 0, bytes = 0, skipped = {}, failed = {}, sha256 = params.checksum and {} or nil,
    },
  }, kind)
end

--- An error of the whole or of one file.  What the message says may come from
--- the sandbox, which may say the credential.
function Copy:error(kind, message, fields)
  local err = fields or {}
  err.kind, err.message, err.operation = kind, self.client._core:redact(message), self.operation
  err.elapsed, err.sandbox_id = core.now() - self.started, self.fs._sandbox.id
  return error_object.new(err)
end

--- Ends everything, for this reason unless there is one already.
function Copy:stop(err)
  self.err = self.err or err
  self.is_stopped = true
end

--- Notes that one file failed, or ends everything for what concerns all.
function Copy:fail(path, err)
  if not CONCERNS_ONE[err.kind] then
    self:stop(err)
  elseif not self.is_closed then
    table.insert(self.result.failed, { path = path, error = err })
  end
end

--- Tells how far it is; false: it is to end.
function Copy:tell()
  local on_progress = self.params.on_progress
  if on_progress and not self.is_stopped and self.told ~= self.done then
    self.told = self.done
    -- An error in it must not be that of a task of ours.
    local ok, answer = pcall(on_progress, self.done, self.total)
    if not ok then
      self.problem = { answer }
      self:stop()
    elseif answer == false then
      self:stop(self:error("cancelled", "cancelled"))
    end
  end
  return not self.is_stopped
end

--- Between steps that do not wait: lets others run, and sees whether to go on.
function Copy:pause()
  if self.host.sleep(0) == false then
    self:stop(self:error("cancelled", "cancelled"))
  elseif deadlines.is_over(self.deadline) then
    self:stop(self:error("timeout", "the deadline has passed", { retryable = true }))
  end
  return not self.is_stopped
end

function Copy:remote(path)
  return (self.remote_dir:gsub("/*$", "")) .. "/" .. path
end

--- The options of an inner call.
function Copy:options()
  return {
    timeout = deadlines.left(self.deadline, 0),
    max_retries = self.params.max_retries, beneath = self.local_dir,
  }
end

--- An error out of what the shell in the sandbox said.
function Copy:shell_error(message)
  return self:error(message:find "Permission denied" and "forbidden" or "bad_request", message)
end

--- Runs a script in the sandbox and gives what it printed.  Scripts list, or make what
--- may be there already: one whose answer is lost with its connection runs once more.
---@return string? text
---@return daytona.Error? err
---@return boolean? is_missing the directory cannot be had
function Copy:run(script)
  local sandbox, retries = self.fs._sandbox, self.params.max_retries or self.client.max_retries
  local params = { command = script, max_retries = self.params.max_retries }
  local run, err = toolbox.run(sandbox, "process.exec", params, self.deadline)
  if err and err.kind == "connection" and err.outcome == "unknown" and retries > 0 then
    run, err = toolbox.run(sandbox, "process.exec", params, self.deadline)
  end
  if not run then
    return nil, err
  end
  local code, text = run.exit_code or run.code, run.result or ""
  if code ~= 0 then
    text = text:gsub("%s+$", "")
    return nil, self:shell_error(text ~= "" and text or "exit code " .. tostring(code)), code == tree.no_directory
  end
  return text
end

--- Notes what a script said went wrong.
function Copy:note(problems)
  for _, problem in ipairs(problems) do
    self:fail(problem.path, problem.is_hostile and self:error("protocol", problem.message)
      or self:shell_error(problem.message))
  end
end

--- Counts bytes of a file, of which `counted` were before.
function Copy:count(file, counted, done)
  done = math.min(done, file.size)
  if done > counted then
    self.done = self.done + done - counted
    return done
  end
  return counted
end

--- Notes that a file was transferred.
function Copy:arrived(file, bytes, sha256)
  if self.is_closed then
    return
  end
  local result = self.result
  result.files, result.bytes = result.files + 1, result.bytes + bytes
  if result.sha256 then
    result.sha256[file.path] = sha256
  end
  file.has_arrived = true
  if self.finish_file then
    self:finish_file(file)
  end
end

--- Transfers one file with a request of its own.
function Copy:transfer_one(file)
  local counted, options = 0, self:options()
  options.checksum = self.params.checksum
  function options.on_progress(done)
    counted = self:count(file, counted, done)
    return self:tell()
  end
  local answer, err = self:send_one(file, options)
  if not answer then
    return self:fail(file.path, err)
  end
  self:count(file, counted, file.size)
  self:arrived(file, answer.bytes, answer.sha256)
end

--- Transfers files with one request, and by themselves those that it left
--- out by no fault of theirs: a single one can spoil it, or it broke off.
function Copy:transfer(batch)
  if #batch == 1 then
    return self:transfer_one(batch[1])
  end
  local results, err = self:send_many(batch, self:options())
  if not results and CONCERNS_ONE[err.kind] then
    for _, file in ipairs(batch) do
      if not self.is_stopped then
        self:transfer_one(file)
      end
    end
    return
  elseif not results then
    return self:stop(err)
  end
  for i, file in ipairs(batch) do
    err = results[i].error
    if err and err.retryable and not self.is_stopped then
      self:transfer_one(file)
    elseif err then
      self:fail(file.path, err)
    else
      self:count(file, 0, file.size)
      self:arrived(file, results[i].bytes)
    end
  end
end

--- The files in the lists that go together.
local function batches_of(copy, files)
  local batches, open, bytes = {}, nil, 0
  for _, file in ipairs(files) do
    if copy.params.checksum or file.size >= LARGE or not copy:may_share(file) then
      batches[#batches + 1] = { file }
    else
      if not open or #open == BATCH_FILES or bytes + file.size > BATCH_BYTES then
        open, bytes = {}, 0
        batches[#batches + 1] = open
      end
      open[#open + 1], bytes = file, bytes + file.size
    end
  end
  return batches
end

--- Transfers all files, several requests at once where the host has tasks.
function Copy:transfer_all(files)
  local batches, next_one = batches_of(self, files), 1
  local function work()
    while batches[next_one] and self:tell() do
      local batch = batches[next_one]
      next_one = next_one + 1
      self:transfer(batch)
      self:tell()
    end
  end
  workers.run(self.host, math.min(self.params.concurrency or CONCURRENCY, #batches), work, function()
    return self.is_stopped or false
  end, function()
    self:stop(self:error("cancelled", "cancelled"))
  end)
end

--- The end: what happened, for who called.
function Copy:report(what)
  local result, err = self.result, self.err
  self.is_closed = true
  if self.problem then
    error(self.problem[1], 0)
  elseif err then
    err.operation, err.sandbox_id = self.operation, self.fs._sandbox.id
    err.elapsed = core.now() - self.started
  elseif #result.failed > 0 then
    local first, outcome = result.failed[1], "failed"
    for _, failure in ipairs(result.failed) do
      outcome = failure.error.outcome == "unknown" and "unknown" or outcome
    end
    local others = #result.failed > 1 and (" (and %d more, see the error's result)"):format(#result.failed - 1) or ""
    err = self:error(first.error.kind, ("not all could be %s: %s: %s%s"):format(what, first.path,
      first.error.message, others), { outcome = outcome, retryable = first.error.retryable })
  else
    return result
  end
  if result.files > 0 and not core.reads(self.operation) then
    err.outcome = "unknown"
  end
  err.result = result
  return nil, err
end

--- Takes over what is in the tree besides files.
function Copy:enter(found)
  self.total, self.result.skipped = found.bytes, found.skipped
  self.result.directories = #found.directories
end

return Copy
