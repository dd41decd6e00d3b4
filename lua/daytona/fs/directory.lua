--- Whole directories: the part of sandbox.fs that is loaded with its first use.

local Copy = require "daytona.fs.copy"
local core = require "daytona.core"
local tree = require "daytona.fs.listing"

---@class daytona.FileSystem
local FileSystem = {}

---@class daytona.DirectoryResult
---@field files integer       transferred
---@field directories integer below the one that was named
---@field bytes integer       in these files
---@field skipped { path: string, reason: string }[] "symbolic link" or "special file"; paths are relative to the directory
---@field failed { path: string, error: daytona.Error }[] empty unless it is the `result` of an error
---@field sha256 table<string, string>? by path, with option `checksum`

--- Directories with those in them before them: a mode may shut what is above.
local function inside_out(directories)
  local reversed = {}
  for i = #directories, 1, -1 do
    reversed[#reversed + 1] = directories[i]
  end
  return reversed
end

local Upload = setmetatable({}, { __index = Copy })
Upload.__index = Upload

function Upload.may_share()
  return true
end

function Upload:send_one(file, options)
  return self.fs:upload_file(file.path, self:remote(file.path), options)
end

function Upload:send_many(batch, options)
  local files = {}
  for i, file in ipairs(batch) do
    files[i] = { source = file.path, destination = self:remote(file.path) }
  end
  return self.fs:upload_files(files, options)
end

--- Runs a script that changes something, and gives what it said.
function Upload:change(script)
  local text, err = self:run(script)
  if not text then
    return self:stop(err)
  end
  local said, problems = tree.read_output(text)
  if not said then
    return self:stop(self:error("protocol", "the sandbox does not say what it did"))
  end
  self:note(problems)
  return said
end

--- Makes the directories; gives what tree.not_plain wants to know.
function Upload:make_directories(found)
  return self:change(tree.make_script(self.remote_dir, found.directories, found.files))
end

--- Sets the modes of what arrived, where they are not what they became by
--- themselves.
function Upload:set_modes(found, said)
  local entries = {}
  for _, file in ipairs(found.files) do
    if file.has_arrived then
      entries[#entries + 1] = file
    end
  end
  entries = tree.not_plain(said, entries)
  table.sort(entries, function(a, b)
    return a.mode < b.mode -- so that few commands do
  end)
  for _, directory in ipairs(inside_out(tree.not_plain(said, found.directories, true))) do
    entries[#entries + 1] = directory
  end
  if said ~= "" then
    for _, root in ipairs(tree.not_plain(said, { { path = ".", mode = found.mode } }, true)) do
      entries[#entries + 1] = root
    end
  end
  if #entries == 0 then
    return
  end
  self:change(tree.mode_script(self.remote_dir, entries))
end

--- Uploads a directory with everything in it, into one that is made or merged
--- into.  Permission bits are kept; links and special files are left out and
--- told as skipped, so nothing outside the directory is read.
---
--- Small files share requests; where the host has tasks (loop, uv), several
--- requests are under way at once.  One file that fails does not keep the others
--- back: the error's field `result` then says what was done.  `on_progress` may
--- not wait; when it gives false the call ends with kind "cancelled".
---
--- The sandbox needs a shell with mkdir, chmod, xargs and base64.
---@param local_dir string
---@param remote_dir string path in the sandbox
---@param options { concurrency: integer?, checksum: boolean?, on_progress: fun(done: integer, total: integer)?, timeout: number?, max_retries: integer? }? concurrency: requests at once, 4; checksum: report the SHA-256 of each file; timeout: of the whole, 1800 s
---@return daytona.DirectoryResult? result
---@return daytona.Error? err with the field `result`
function FileSystem:upload_dir(local_dir, remote_dir, options)
  local copy = Upload:begin(self, "fs.upload_dir", options, { local_dir = local_dir, remote_dir = remote_dir })
  local found, problem = tree.scan(local_dir, function()
    return copy:pause()
  end)
  if problem then
    copy:stop(copy:error("file", ("cannot read %s: %s"):format(local_dir, problem)))
  end
  if not found then
    return copy:report "uploaded"
  end
  copy:enter(found)
  for _, failure in ipairs(found.failed) do
    copy:fail(failure.path, copy:error("file", ("cannot read %s: %s"):format(failure.path, failure.message)))
  end
  local said = copy:make_directories(found)
  if not copy.is_stopped then
    copy:transfer_all(found.files)
  end
  if not copy.is_stopped then
    copy:set_modes(found, said)
  end
  return copy:report "uploaded"
end

local Download = setmetatable({}, { __index = Copy })
Download.__index = Download

--- The list of a request is JSON.
function Download:may_share(file)
  return core.is_utf8(self:remote(file.path))
end

function Download:send_one(file, options)
  return self.fs:download_file(self:remote(file.path), file.path, options)
end

function Download:send_many(batch, options)
  local requests = {}
  for i, file in ipairs(batch) do
    requests[i] = { source = self:remote(file.path), destination = file.path }
  end
  return self.fs:download_files(requests, options)
end

function Download:set_mode(entry)
  local ok, problem = core.set_mode(self.local_dir, entry.path, entry.mode)
  if not ok then
    self:fail(entry.path, self:error("file", ("cannot set the mode of %s: %s"):format(entry.path, problem)))
  end
end

Download.finish_file = Download.set_mode

--- Asks what there is.
function Download:list()
  local text, err, is_missing = self:run(tree.list_script(self.remote_dir))
  if is_missing then
    local info, reason = self.fs:get_file_info(self.remote_dir,
      { timeout = self:options().timeout, max_retries = self.params.max_retries })
    if not info then
      err = reason
    elseif not info.is_dir then
      err = self:error("bad_request", self.remote_dir .. ": Not a directory")
    end
  end
  local found = text and tree.parse_list(text)
  if found then
    self:note(found.failed)
  else
    self:stop(err or self:error("protocol", "the sandbox does not say what is in the directory: " .. text:sub(1, 200)))
  end
  return found
end

--- Makes the local directory and those above it; gives whether it is new.
function Download:make_root()
  local made, problem
  for last in (self.local_dir .. "/"):gmatch "()/+" do
    if last > 1 then
      made, problem = core.make_dir(self.local_dir:sub(1, last - 1))
      if made == nil then
        self:stop(self:error("file", ("cannot make %s: %s"):format(self.local_dir, problem)))
        return false
      end
    end
  end
  return made
end

function Download:make_directories(directories)
  for i, directory in ipairs(directories) do
    local made, problem = core.make_dir(self.local_dir, directory.path)
    if made == nil then
      self:fail(directory.path, self:error("file", ("cannot make %s: %s"):format(directory.path, problem)))
      self.result.directories = self.result.directories - 1
    else
      directory.is_there = true
    end
    if i % 1000 == 0 and not self:pause() then
      return
    end
  end
end

--- Downloads a directory with everything in it, into one that is made or merged
--- into.  Permission bits are kept; links and special files are left out and
--- told as skipped.  Every file appears completely or not at all, and no
--- symbolic link below the local directory is followed: a link in the place of a
--- file is replaced, one in the place of a directory makes what is in it fail.
---
--- Small files share requests; where the host has tasks (loop, uv), several
--- requests are under way at once.  One file that fails does not keep the others
--- back: the error's field `result` then says what was done.  `on_progress` may
--- not wait; when it gives false the call ends with kind "cancelled".
---
--- The sandbox needs a shell with find, stat and base64.
---@param remote_dir string path in the sandbox
---@param local_dir string
---@param options { concurrency: integer?, checksum: boolean?, on_progress: fun(done: integer, total: integer)?, timeout: number?, max_retries: integer? }? concurrency: requests at once, 4; checksum: report the SHA-256 of each file; timeout: of the whole, 1800 s
---@return daytona.DirectoryResult? result
---@return daytona.Error? err with the field `result`
function FileSystem:download_dir(remote_dir, local_dir, options)
  local copy = Download:begin(self, "fs.download_dir", options, { remote_dir = remote_dir, local_dir = local_dir })
  local found = copy:list()
  if not found then
    return copy:report "downloaded"
  end
  copy:enter(found)
  local is_new = copy:make_root()
  if not copy.is_stopped then
    copy:make_directories(found.directories)
  end
  if not copy.is_stopped then
    copy:transfer_all(found.files)
  end
  -- Also what was cut short is left with its modes.
  for _, directory in ipairs(inside_out(found.directories)) do
    if directory.is_there then
      copy:set_mode(directory)
    end
  end
  if is_new then
    copy:set_mode { path = ".", mode = found.mode }
  end
  return copy:report "downloaded"
end

return FileSystem
