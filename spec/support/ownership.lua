-- What makes something on the server, to be broken off at any moment: each gives
-- what it was handed, as { kind, id }, or nothing.

local ownership = {}

ownership.names = { "with_sandbox", "run", "start", "create_pty", "create_session", "create_context", "upload",
  "create", "fork", "volume", "snapshot" }

-- Seconds in which the moment lies: about as long as the operation takes.
ownership.seconds = {
  with_sandbox = 0.15, run = 0.08, start = 0.03, create_pty = 0.03, create_session = 0.01, create_context = 0.01,
  upload = 0.02, create = 0.06, fork = 0.06, volume = 0.01, snapshot = 0.05,
}

local CONTENT = ("x"):rep(300000)

function ownership.with_sandbox(client)
  client:with_sandbox({ labels = { owned = "yes" } }, function(sandbox)
    sandbox.process:exec "sleep 0.03"
  end)
end

function ownership.create(client)
  local sandbox = client:create { labels = { owned = "yes" } }
  return sandbox and { kind = "sandbox", id = sandbox.id }
end

function ownership.run(_, sandbox)
  sandbox.process:run("cat; sleep 0.03", { stdin = CONTENT })
end

function ownership.start(_, sandbox)
  local job = sandbox.process:start("cat; sleep 60", { stdin = "x" })
  return job and { kind = "session", id = job.session_id }
end

function ownership.create_pty(_, sandbox)
  local pty = sandbox.process:create_pty()
  return pty and { kind = "pty", id = pty.id }
end

function ownership.create_session(_, sandbox)
  local session = sandbox.process:create_session()
  return session and { kind = "session", id = session.id }
end

function ownership.create_context(_, sandbox)
  local context = sandbox.code_interpreter:create_context()
  return context and { kind = "context", id = context.id }
end

function ownership.upload(_, sandbox)
  sandbox.fs:upload_file({ content = CONTENT }, "owned/file")
end

function ownership.fork(_, sandbox)
  local fork = sandbox:fork()
  return fork and { kind = "sandbox", id = fork.id }
end

local names = 0
local function new_name()
  names = names + 1
  return ("owned-%d-%d-%s"):format(names, os.time(), tostring({}):match "0x(%x+)")
end

function ownership.volume(client)
  local volume = client.volume:create(new_name())
  return volume and { kind = "volume", id = volume.id }
end

function ownership.snapshot(_, sandbox)
  local name = new_name()
  return sandbox:create_snapshot(name) and { kind = "snapshot", id = name }
end

-- Gives back what was handed over; of a client that nothing happens to.
function ownership.settle(client, sandbox, handed)
  if handed.kind == "sandbox" then
    assert(client:delete(handed.id))
  elseif handed.kind == "session" then
    assert(sandbox.process:delete_session(handed.id))
  elseif handed.kind == "volume" then
    assert(client.volume:delete(handed.id))
  elseif handed.kind == "snapshot" then
    assert(client.snapshot:delete(assert(client.snapshot:get(handed.id)).id))
  elseif handed.kind == "context" then
    assert(sandbox.code_interpreter:delete_context(handed.id))
  else
    assert(sandbox.process:kill_pty_session(handed.id))
  end
end

-- What is left, as a list of words.
function ownership.left(client, sandbox)
  local left = {}
  for _, one in ipairs(assert(client:list_page()).items) do
    if one.id ~= sandbox.id and one.state ~= "destroying" and one.state ~= "destroyed" then
      left[#left + 1] = "sandbox " .. one.id .. " " .. one.state
    end
  end
  for _, volume in ipairs(assert(client.volume:list())) do
    left[#left + 1] = "volume " .. volume.id
  end
  for _, snapshot in ipairs(assert(client.snapshot:list_page { source_sandbox_id = sandbox.id }).items) do
    if snapshot.state ~= "removing" then
      left[#left + 1] = "snapshot " .. snapshot.name
    end
  end
  for _, session in ipairs(assert(sandbox.process:list_sessions())) do
    left[#left + 1] = "session " .. session.id
  end
  for _, pty in ipairs(assert(sandbox.process:list_pty_sessions())) do
    left[#left + 1] = "terminal " .. pty.id
  end
  for _, context in ipairs(assert(sandbox.code_interpreter:list_contexts())) do
    left[#left + 1] = "context " .. context.id
  end
  local files = assert(sandbox.process:exec "ls -A owned; ls /tmp; ps ax | grep '[s]leep 60' || true").result
  for line in files:gmatch "[^\n]+" do
    if line ~= "file" then
      left[#left + 1] = "file or process " .. line
    end
  end
  return left
end

-- Removes all there is.
function ownership.clear(client, sandbox)
  for _, word in ipairs(ownership.left(client, sandbox)) do
    local kind, id = word:match "^(%l+) (%S+)"
    if kind ~= "file" then
      ownership.settle(client, sandbox, { kind = kind == "terminal" and "pty" or kind, id = id })
    end
  end
end

-- A generator of its own: math.random differs between Luas.
function ownership.random(seed)
  local state = seed
  return function(n)
    state = (state * 16807) % 2147483647
    return n and state % n + 1 or state / 2147483647
  end
end

-- Cancels `count` operations of the host at random moments.  `sleep` and `spawn`
-- are the host's; runs in a task of it.
function ownership.cancel(host, client, sandbox, seed, count)
  local random, handed, under_way = ownership.random(seed), {}, 0
  for index = 1, count do
    local name = ownership.names[index % #ownership.names + 1]
    local task
    under_way = under_way + 1
    task = host.spawn(function()
      local one = ownership[name](client, sandbox)
      handed[#handed + 1] = one
      under_way = under_way - 1
    end)
    host.sleep(random() * ownership.seconds[name])
    task:cancel()
    if host.begun and not host.begun(task) then
      under_way = under_way - 1
    end
  end
  while under_way > 0 do
    host.sleep(0.005)
  end
  return handed
end

return ownership
