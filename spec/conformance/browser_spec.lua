-- A browser goes to a page of a sandbox: what it shows there, by the host name
-- of the port, is what it would show of any other site.

local preview = require "spec.local.preview_support"
local support = require "spec.support"

-- Nothing of its own goes over the network, and no page is seen by a person.
local FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
  .. "--disable-component-update --disable-sync --no-proxy-server --disable-dev-shm-usage --remote-debugging-port=0"

local function installed()
  return support.run "command -v chromium" ~= ""
end

describe("a browser", function()
  local server, link

  setup(function()
    if installed() then
      local _
      server, _, link = preview.start()
    end
  end)

  teardown(function()
    if server then
      preview.stop()
    end
  end)

  -- What the page of the application says of itself, and what the application
  -- was asked for, once a browser that knows nothing yet went to the address.
  local function go(address)
    local directory = support.temp_dir()
    assert.equal(200, preview.with_token("GET /forget").status)
    local pid = support.run(("timeout 60 chromium %s --user-data-dir=%s %s >/dev/null 2>%s/log & echo $!")
      :format(FLAGS, support.quote(directory), support.quote(address), support.quote(directory))):match "%d+"
    local report
    local ok, why = pcall(support.eventually, function()
      local answer = preview.with_token "GET /report"
      report = answer.status == 200 and support.json.decode(answer.body)
      return report and report.page ~= support.json.null
    end, 30, "a report of the page")
    os.execute("kill " .. pid)
    support.eventually(function() return support.run("ps -o pid= -p " .. pid) == "" end, 20, "the browser's end")
    if not ok then
      error(why .. "\n" .. support.read_file(directory .. "/log"), 2)
    end
    return report
  end

  -- Everything of the page has come by its one host, without the credential.
  local function shows(report, host)
    support.eq({
      address = "http://" .. host .. "/", cookies = "", color = "rgb(1, 2, 3)", moved = host .. " /new moved",
      moved_by_host = host .. " /new moved", socket = "hello",
    }, report.page)
    local paths = {}
    for _, request in ipairs(report.seen) do
      local text = table.concat(request, "\n")
      paths[request[1]] = true
      assert.is_nil(text:find(link.token, 1, true))
      assert.is_nil(text:find("Cookie: ", 1, true))
    end
    for _, path in ipairs { "/", "/assets/page.js", "/assets/page.css", "/old", "/new", "/socket" } do
      assert.is_true(paths[path], path)
    end
  end

  it("shows a page, its parts, redirects and WebSockets, and keeps the token from it", function()
    if not installed() then
      pending "chromium is missing"
      return
    end
    shows(go(link.url .. "/?DAYTONA_SANDBOX_AUTH_KEY=" .. link.token), link.url:match "^http://(.*)$")
  end)

  it("shows the same by a signed address", function()
    if not installed() then
      pending "chromium is missing"
      return
    end
    local signed = server:get(("/sandbox/%s/ports/%d/signed-preview-url?expiresInSeconds=600")
      :format(link.sandboxId, preview.PORT))
    shows(go(signed.url), signed.url:match "^http://(.*)$")
  end)
end)
