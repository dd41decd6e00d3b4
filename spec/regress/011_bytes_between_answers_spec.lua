-- A server sent more bytes than it had announced; they stayed on the connection, and
-- the next command, which did run, took them for its answer.

local e2e = require "spec.support.e2e"
local support = require "spec.support"

it("what comes between two answers is the answer of no call", function()
  local server = support.fault_server()
  local client = support.client(server, { max_retries = 0, timeout = 10 })
  local wrong = '{"exitCode": 0, "result": "wrong"}'
  local whole = ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#wrong, wrong)
  for _, more in ipairs { "0\r\n\r\n", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", whole } do
    local odd = support.sandbox(client, server, "excess", { more = more })
    local good = support.sandbox(client, server, "json", { body = '{"exitCode": 0, "result": "good"}' })
    for _ = 1, 10 do
      assert.equal("first", e2e.check(odd.process:exec "true").result)
      assert.equal("good", e2e.check(good.process:exec "true").result)
    end
  end
  client:close()
  server:close()
end)
