-- The program that spec/host/ngx_spec.lua runs in nginx: its module, its locations and
-- what starts it.

local support = require "spec.support"

local APP = [[
local daytona = require "daytona"
local host = require "daytona.host.ngx"
local json = require("cjson").new()

local app = { host = host, client = assert(daytona.new { host = host, max_retries = 0 }), notes = {} }

function app.sandbox(scenario)
  return app.client:sandbox {
    id = "sb-1", state = "started",
    toolbox_proxy_url = os.getenv("DAYTONA_API_URL"):sub(1, -#"api" - 1) .. "fault/" .. scenario,
  }
end

function app.exec(scenario)
  return app.sandbox(scenario).process:exec "true"
end

-- Notes what a call in a phase comes to: "x", an error, or what was raised.
function app.try(phase, scenario)
  local ok, run, err = pcall(app.exec, scenario)
  app.notes[phase] = ok and (run and run.result or tostring(err)) or run
end

function app.say(value)
  ngx.header.content_type = "application/json"
  ngx.print(json.encode(value))
end

return app
]]

local RUN = support.scenario("json", { body = '{"exitCode":0,"result":"x"}' })

local LOCATIONS = [[
location = /exec { content_by_lua_block { app.say { app.exec(ngx.unescape_uri(ngx.var.arg_s)) } } }
location = /slow { content_by_lua_block { app.say(assert(app.client:request("GET", "/slow"))) } }
location = /build {
  content_by_lua_block {
    local sandbox, err = app.client:create { image = "debian:12", on_build_log = ngx.print }
    ngx.print(sandbox and sandbox.state or tostring(err))
  }
}
location = /notes { content_by_lua_block { app.say(app.notes) } }

location = /phases {
  rewrite_by_lua_block { app.try("rewrite", "@RUN@") }
  access_by_lua_block { app.try("access", "@RUN@") }
  content_by_lua_block {
    app.try("content", "@RUN@")
    assert(ngx.timer.at(0, function()
      local task = app.host.spawn(app.exec, "stall")
      task:cancel()
      app.notes.cancelled = select(2, task:wait()).kind
      app.try("timer", "@RUN@")
    end))
  }
}
location = /wrong {
  set_by_lua_block $x { app.try("set", "@RUN@") return "" }
  header_filter_by_lua_block { app.try("header_filter", "@RUN@") }
  body_filter_by_lua_block { app.try("body_filter", "@RUN@") }
  log_by_lua_block { app.try("log", "@RUN@") }
  content_by_lua_block { ngx.print "x" }
}
location = /inside {
  content_by_lua_block {
    local ok, message
    table.sort({ 1, 2 }, function()
      ok, message = pcall(app.exec, "@RUN@")
      return false
    end)
    local other = coroutine.wrap(function() return app.exec "@RUN@" end)
    app.say { message = message, other = other().result }
  }
}
location = /errors {
  content_by_lua_block {
    local list = {}
    for _, scenario in ipairs { "error;status=404", "close-before-headers", "garbage", "html-502" } do
      local run, err = app.exec(scenario)
      list[#list + 1] = { kind = err.kind, status = err.status, outcome = err.outcome,
        operation = err.operation, text = tostring(err), nothing = run == nil,
        name = getmetatable(err).__name }
    end
    local _, late = app.sandbox("stall").fs:list_files(".", { timeout = 0.2 })
    list[#list + 1] = { kind = late.kind, outcome = late.outcome, operation = late.operation }
    app.say(list)
  }
}
location = /abort {
  lua_check_client_abort on;
  content_by_lua_block { app.exec "stall" }
}
location = /kill {
  content_by_lua_block {
    local thread = ngx.thread.spawn(app.exec, "stall")
    while not app.may_kill do ngx.sleep(0.005) end
    app.say { killed = ngx.thread.kill(thread) }
  }
}
location = /may_kill { content_by_lua_block { app.may_kill = true } }
location = /tasks {
  content_by_lua_block {
    local host, answer = app.host, {}
    local call = host.spawn(function()
      local _, err = app.exec "stall"
      local _, again = app.exec "@RUN@"
      local shielded = host.shield(app.exec, "@RUN@")
      return err.kind, again.kind, shielded.result
    end)
    local sleep = host.spawn(function() return host.sleep(60) end)
    local short = host.spawn(function(seconds) return host.sleep(seconds), host.cancelled() end, 0.01)
    local broken = host.spawn(function() host.sleep(0.01) error "on purpose" end)
    host.sleep(0.05)
    call:cancel()
    call:cancel()
    sleep:cancel()
    answer.call, answer.sleep, answer.short = { call:wait() }, { sleep:wait() }, { short:wait() }
    local killed = host.spawn(function() host.sleep(60) end)
    assert(ngx.thread.kill(killed.thread))
    answer.killed = select(2, killed:wait()).kind
    answer.broken = { pcall(broken.wait, broken) }
    answer.alone = { host.sleep(0), host.cancelled() }
    answer.wrong = { pcall(host.spawn, 5) }
    app.say(answer)
  }
}
location = /close {
  content_by_lua_block {
    local client = assert(require("daytona").new { host = app.host })
    local call = app.host.spawn(function() return client:request("GET", "/slow") end)
    client:close()
    local _, message = pcall(client.request, client, "GET", "/slow")
    app.say { kind = select(2, call:wait()).kind, message = message }
  }
}
location = /chunks {
  content_by_lua_block {
    local bytes, calls, left = 0, 0, 20
    local sandbox = app.sandbox "download;n=3000000"
    for chunk in sandbox.fs:read_file("x", { chunk_size = 100000 }) do
      bytes = bytes + #chunk
      ngx.sleep(0)
    end
    local seen = 0
    local content = assert(sandbox.fs:download_file("x", nil, { on_progress = function(done)
      calls, seen = calls + 1, done
    end }))
    local sent = assert(app.sandbox("sink").fs:upload_file(function()
      left = left - 1
      return left >= 0 and ("x"):rep(100000) or nil
    end, "y"))
    app.say { bytes = bytes, content = #content, calls = calls, seen = seen, sent = sent.bytes }
  }
}
location = /timer {
  content_by_lua_block {
    assert(ngx.timer.at(0, function() app.try("long", "json;body=%7B%22result%22%3A%22x%22%7D;delay_ms=1") end))
  }
}
]]

local INIT = [[
init_by_lua_block { app = require "app" app.try("init", "@RUN@") }
init_worker_by_lua_block { app.try("init_worker", "@RUN@") }
]]

return { APP = APP, RUN = RUN, LOCATIONS = LOCATIONS, INIT = INIT }
