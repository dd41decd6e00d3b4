-- Runs posted code in a sandbox of its own and answers JSON:
--
--     curl --data-binary 'print(6 * 7)' 'http://127.0.0.1:8080/run?language=python'
--     {"exit_code":0,"result":"42\n"}
--
-- One client serves all requests of a worker, which goes on while they wait.

local daytona = require "daytona"
local cjson = require "cjson"

local run = {}

local MOST_CODE = 100 * 1000 -- bytes
local TIME_LIMIT = 30        -- seconds for the code

-- What the caller is told: of a failure its kind, and its text for the log.
local STATUS = { timeout = 504, rate_limited = 429, bad_request = 400, unprocessable = 400 }

local client -- of this worker; made with its first request

local function connect()
  local err
  if not client then
    client, err = daytona.new { host = require "daytona.host.ngx" }
  end
  return client, err
end

local function answer(status, value)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.print(cjson.encode(value))
end

local function execute(code, language)
  local open_client, err = connect()
  if not open_client then
    return nil, err
  end
  -- Ephemeral: it goes away even if the worker ends in the middle.
  return open_client:with_sandbox({ language = language, ephemeral = true, auto_stop_interval = 5 },
    function(sandbox)
      return sandbox.process:code_run(code, { timeout = TIME_LIMIT })
    end)
end

--- The handler of the location.
function run.handle()
  if ngx.req.get_method() ~= "POST" then
    return answer(405, { error = "post the code" })
  end
  local language = ngx.var.arg_language or "python"
  if language ~= "python" and language ~= "javascript" and language ~= "typescript" then
    return answer(400, { error = "language: python, javascript or typescript" })
  end
  ngx.req.read_body()
  local code = ngx.req.get_body_data() -- nil too if it did not fit in the buffer
  if not code or #code > MOST_CODE then
    return answer(code and 413 or 400, { error = "no code, or too much of it" })
  end
  local output, err = execute(code, language)
  if not output then
    ngx.log(ngx.ERR, tostring(err))
    return answer(STATUS[err.kind] or 502, { error = err.kind })
  end
  answer(200, { exit_code = output.exit_code, result = output.result })
end

return run
