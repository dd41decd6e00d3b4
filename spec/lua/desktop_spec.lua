-- sandbox.computer_use: areas within an area, pictures that travel as base64, trees
-- within trees.

local base64 = require "daytona.base64"
local cjson = require "cjson"
local files = require "spec.support.files"
local row_cases = require "spec.support.row_cases"
local support = require "spec.support"

local unpack = table.unpack or unpack -- luacheck: ignore

local PNG = "\137PNG\r\n\26\n\0picture"
local PICTURE = { screenshot = base64.encode(PNG), cursorPosition = { x = 1, y = 2 }, sizeBytes = #PNG }
local CHANGED = { message = "done", status = {
  xvfb = { running = true, priority = 100, autoRestart = true, pid = 7 },
} }
local RECORDING = { id = "r-1", fileName = "r.mp4", filePath = "/r.mp4", startTime = "t", status = "recording" }
local NODE = { id = "1", role = "frame", name = "w", states = { "active" },
  bounds = { x = 0, y = 0, width = 9, height = 8 },
  children = { { id = "2", role = "button", actions = { "click" }, children = { { id = "3", role = "label" } } } } }

local function at(x, y)
  return function(point)
    return point.x == x and point.y == y
  end
end

local function is_true(value)
  return value == true
end

local function is_picture(picture)
  return picture.screenshot == PNG and picture.cursor_position.y == 2 and picture.size_bytes == #PNG
end

local function is_changed(change)
  local process = change.status.xvfb
  return change.message == "done" and process.running and process.auto_restart and process.pid == 7
end

local function is_recording(recording)
  return recording.id == "r-1" and recording.file_path == "/r.mp4" and recording.end_time == nil
end

local function case(method, path, arguments, body, answer, is_right)
  return { arguments, method .. " /box/sb-1/computeruse" .. path, body, answer, is_right }
end

local CASES = {
  ["computer_use.start"] = case("POST", "/start", {}, nil, CHANGED, is_changed),
  ["computer_use.stop"] = case("POST", "/stop", {}, nil, CHANGED, is_changed),
  ["computer_use.get_status"] = case("GET", "/process-status", {}, nil, { status = "active" },
    function(status) return status == "active" end),
  ["computer_use.get_system_status"] = case("GET", "/status", {}, nil, { status = "inactive" },
    function(status) return status == "inactive" end),
  ["computer_use.get_process_status"] = case("GET", "/process/no%20vnc/status", { "no vnc" }, nil,
    { processName = "no vnc", running = false }, function(process) return process.running == false end),
  ["computer_use.restart_process"] = case("POST", "/process/xvfb/restart", { "xvfb" }, nil,
    { processName = "xvfb", message = "done" },
    function(done) return done.process_name == "xvfb" end),
  ["computer_use.get_process_logs"] = case("GET", "/process/xvfb/logs", { "xvfb" }, nil,
    { processName = "xvfb", logs = "" },
    function(log) return log.logs == "" end),
  ["computer_use.get_process_errors"] = case("GET", "/process/xvfb/errors", { "xvfb" }, nil,
    { processName = "xvfb", errors = "e" },
    function(log) return log.errors == "e" end),
  ["computer_use.mouse.get_position"] = case("GET", "/mouse/position", {}, nil, { x = 3, y = 4 }, at(3, 4)),
  ["computer_use.mouse.move"] = case("POST", "/mouse/move", { 5, 6 }, { x = 5, y = 6 }, { x = 5, y = 6 }, at(5, 6)),
  ["computer_use.mouse.click"] = case("POST", "/mouse/click", { 5, -6, { button = "right", double = true } },
    { x = 5, y = -6, button = "right", double = true }, { x = 5, y = -6 }, at(5, -6)),
  ["computer_use.mouse.drag"] = case("POST", "/mouse/drag", { 1, 2, 3, 4 },
    { startX = 1, startY = 2, endX = 3, endY = 4 },
    { x = 3, y = 4 }, at(3, 4)),
  ["computer_use.mouse.scroll"] = case("POST", "/mouse/scroll", { 1, 2, "up", { amount = 3 } },
    { x = 1, y = 2, direction = "up", amount = 3 }, { success = true }, is_true),
  ["computer_use.keyboard.type"] = case("POST", "/keyboard/type", { "h\195\188", { delay = 5 } },
    { text = "h\195\188", delay = 5 }, {}, is_true),
  ["computer_use.keyboard.press"] = case("POST", "/keyboard/key", { "a", { modifiers = { "ctrl" } } },
    { key = "a", modifiers = { "ctrl" } }, {}, is_true),
  ["computer_use.keyboard.hotkey"] = case("POST", "/keyboard/hotkey", { "ctrl+c" }, { keys = "ctrl+c" }, {}, is_true),
  ["computer_use.screenshot.take_full_screen"] = case("GET", "/screenshot?showCursor=true",
    { { show_cursor = true } }, nil, PICTURE,
    is_picture),
  ["computer_use.screenshot.take_region"] = case("GET", "/screenshot/region?x=1&y=2&width=3&height=4", { 1, 2, 3, 4 },
    nil, PICTURE,
    is_picture),
  ["computer_use.screenshot.take_compressed"] = case("GET", "/screenshot/compressed?format=jpeg&quality=80&scale=0.5",
    { { format = "jpeg", quality = 80, scale = 0.5 } }, nil, PICTURE, is_picture),
  ["computer_use.screenshot.take_compressed_region"] = case("GET",
    "/screenshot/region/compressed?x=1&y=2&width=3&height=4&format=png", { 1, 2, 3, 4, { format = "png" } }, nil,
    PICTURE, is_picture),
  ["computer_use.display.get_info"] = case("GET", "/display/info", {}, nil,
    { displays = { { id = 0, width = 9, isActive = true } } },
    function(list) return list[1].is_active and list[1].width == 9 end),
  ["computer_use.display.get_windows"] = case("GET", "/display/windows", {}, nil, { windows = cjson.null },
    function(list) return #list == 0 end),
  ["computer_use.recording.start"] = case("POST", "/recordings/start", { { label = "demo" } }, { label = "demo" },
    RECORDING,
    is_recording),
  ["computer_use.recording.stop"] = case("POST", "/recordings/stop", { "r-1" }, { id = "r-1" }, RECORDING,
    is_recording),
  ["computer_use.recording.list"] = case("GET", "/recordings", {}, nil, { recordings = { RECORDING } },
    function(list) return is_recording(list[1]) end),
  ["computer_use.recording.get"] = case("GET", "/recordings/r-1", { "r-1" }, nil, RECORDING, is_recording),
  ["computer_use.recording.delete"] = case("DELETE", "/recordings/r-1", { "r-1" }, nil, "", is_true),
  ["computer_use.accessibility.get_tree"] = case("GET", "/a11y/tree?scope=all&maxDepth=-1",
    { { scope = "all", max_depth = -1 } },
    nil, { root = NODE, truncated = true }, function(tree)
      local button = tree.root.children[1]
      return tree.truncated and tree.root.bounds.height == 8 and button.actions[1] == "click"
        and button.children[1].id == "3" and #button.children[1].children == 0
    end),
  ["computer_use.accessibility.find_nodes"] = case("POST", "/a11y/find",
    { { role = "button", name_match = "exact", limit = 5 } },
    { role = "button", nameMatch = "exact", limit = 5 }, { matches = { NODE } },
    function(found) return found.matches[1].children[1].id == "2" end),
  ["computer_use.accessibility.focus_node"] = case("POST", "/a11y/node/focus", { "2" }, { id = "2" }, {}, is_true),
  ["computer_use.accessibility.invoke_node"] = case("POST", "/a11y/node/invoke", { "2", { action = "click" } },
    { id = "2", action = "click" }, {}, is_true),
  ["computer_use.accessibility.set_node_value"] = case("POST", "/a11y/node/value", { "2", "x" },
    { id = "2", value = "x" }, {},
    is_true),
}

describe("computer use", function()
  local server, sandbox, directory

  setup(function()
    directory = files.temp_dir()
  end)

  support.serve_scripts(function(...)
    server, sandbox = ...
  end)

  local function call(name, arguments)
    local object = sandbox
    for area in name:gmatch "([^.]+)%." do
      object = object[area]
    end
    return object[name:match "[^.]*$"](object, unpack(arguments))
  end

  describe("gives what the server gave, or fails as it says:", function()
    row_cases(it, CASES, function()
      return server
    end, call, { [400] = "bad_request", [500] = "server", [503] = "unavailable" })
  end)

  local function answer(body, fields)
    fields = fields or {}
    fields.body, fields.times = type(body) == "table" and cjson.encode(body) or body, 0
    server:reset()
    server:script({ path_prefix = "/" }, { fields })
  end

  local function left_over()
    return table.concat(files.files_under(directory), " ")
  end

  it("tells of processes as older servers name their fields", function()
    answer { message = "m", status = {
      xvfb = { Running = true, Priority = 100, AutoRestart = false, Pid = cjson.null },
    } }
    local process = assert(sandbox.computer_use:start()).status.xvfb
    assert.same({ running = true, priority = 100, auto_restart = false },
      { running = process.running, priority = process.priority, auto_restart = process.auto_restart })
    assert.is_nil(process.pid)
  end)

  it("has areas within its area, which explain what is not there", function()
    local computer = sandbox.computer_use
    assert.equal(computer.mouse, computer.mouse)
    assert.not_equal(computer.mouse, computer.keyboard)
    assert.is_nil(computer.nonsense)
    assert.is_nil(computer.mouse.nonsense)
    local ok, message = pcall(function()
      return computer.mouse.getPosition
    end)
    assert.is_false(ok)
    assert.truthy(message:find("did you mean sandbox.computer_use.mouse:get_position?", 1, true), message)
    ok, message = pcall(computer.mouse.move, 1, 2)
    assert.is_false(ok)
    assert.truthy(message:find("sandbox.computer_use.mouse:move(...)", 1, true), message)
    ok, message = pcall(computer.mouse.move, computer.mouse, 1.5, 2)
    assert.is_false(ok)
    assert.truthy(message:find("computer_use.mouse.move: field 'x': integer expected", 1, true), message)
    assert.equal(0, #server:requests())
  end)

  it("gives a picture as large as answers may be", function()
    local large = ("\0\255\1 bytes"):rep(1024 * 1024)
    answer { screenshot = base64.encode(large) }
    local picture = assert(sandbox.computer_use.screenshot:take_full_screen())
    assert.is_true(large == picture.screenshot)
    assert.is_nil(picture.cursor_position)
    local small = support.client(server, { max_retries = 0, max_response = 4096 })
    local other = small:sandbox { id = "sb-1", state = "started", toolbox_proxy_url = server:url "/box" }
    local none, err = other.computer_use.screenshot:take_full_screen()
    small:close()
    assert.is_nil(none)
    assert.equal("protocol", support.sound_error(err).kind)
  end)

  it("writes a picture to a file, and tells how large it is", function()
    local path = directory .. "/full.png"
    answer(PICTURE)
    local picture = assert(sandbox.computer_use.screenshot:take_full_screen { destination = path })
    assert.equal(#PNG, picture.screenshot)
    assert.equal(PNG, files.read_file(path))
    answer { screenshot = base64.encode "second" }
    assert.equal(6, assert(sandbox.computer_use.screenshot:take_region(1, 2, 3, 4, { destination = path })).screenshot)
    assert.equal("second", files.read_file(path))
    assert.equal("full.png", left_over())
    os.remove(path)
  end)

  it("writes no file from an answer that makes no sense", function()
    local path = directory .. "/kept.png"
    files.write_file(path, "kept")
    for _, body in ipairs {
      '{"screenshot": "no base64!"}', '{"screenshot": "QUJD=QQ"}', '{"screenshot": "A"}', '{"screenshot": ""}',
      '{"screenshot": 5}', '{"screenshot": null}', '{"screenshot": {}}', "{}", "[]", "null", "", "<html>",
      '{"screenshot":"QU',
      '{"screenshot": "QUJD", "cursorPosition": 5}', '{"screenshot": "QUJD", "sizeBytes": "many"}',
    } do
      answer(body)
      for _, options in ipairs { {}, { destination = path } } do
        local value, err = sandbox.computer_use.screenshot:take_compressed(options)
        assert.is_nil(value, body)
        assert.equal("protocol", support.sound_error(err).kind, body)
      end
      assert.equal("kept", files.read_file(path), body)
      assert.equal("kept.png", left_over(), body)
    end
    answer({ message = "no" }, { status = 500 })
    assert.is_nil((sandbox.computer_use.screenshot:take_full_screen { destination = path }))
    assert.equal("kept.png", left_over())
    os.remove(path)
  end)

  it("has a finite scale", function()
    for _, scale in ipairs { 1 / 0, -1 / 0 } do
      assert.equal("computer_use.screenshot.take_compressed: field 'scale': not a finite number", support.raised(
        sandbox.computer_use.screenshot.take_compressed, sandbox.computer_use.screenshot, { scale = scale }))
    end
  end)

  it("asks for no picture that it cannot write", function()
    answer(PICTURE)
    for _, path in ipairs { directory .. "/none/x.png", directory, "/dev/full" } do
      local value, err = sandbox.computer_use.screenshot:take_full_screen { destination = path }
      assert.is_nil(value)
      assert.equal("file", support.sound_error(err).kind, path)
    end
    assert.equal(0, #server:requests())
    assert.equal("", left_over())
  end)

  it("downloads a recording, whole or not at all", function()
    local path = directory .. "/r.mp4"
    answer(PNG, { headers = { ["Content-Type"] = "video/mp4" } })
    assert.equal(#PNG, assert(sandbox.computer_use.recording:download("r-1", path)))
    assert.equal(PNG, files.read_file(path))
    assert.equal("/box/sb-1/computeruse/recordings/r-1/download", server:requests()[1].path)
    os.remove(path)
    answer({ message = "recording not found" }, { status = 404 })
    local value, err = sandbox.computer_use.recording:download("r-1", path)
    assert.is_nil(value)
    assert.equal("not_found", err.kind)
    assert.equal("", left_over())
  end)

  it("is wary of a tree that makes no sense", function()
    for _, body in ipairs {
      '{"root": [5]}', '{"root": {"children": {"a": 1}}}', '{"root": {"children": [5]}}', '{"matches": 5}',
      '{"root": {"children": [{"children": [{"bounds": "all"}]}]}}',
      ('{"root": %s{}%s}'):format(('{"children": ['):rep(5000), ("]}"):rep(5000)),
    } do
      answer(body)
      local value, err
      if body:find "matches" then
        value, err = sandbox.computer_use.accessibility:find_nodes()
      else
        value, err = sandbox.computer_use.accessibility:get_tree()
      end
      assert.is_nil(value, body:sub(1, 60))
      assert.equal("protocol", support.sound_error(err).kind, body:sub(1, 60))
    end
  end)

  it("describes trees within trees once", function()
    local rows = require("daytona.core").operations()
    for _, row in ipairs(rows) do
      if row.name == "computer_use.accessibility.get_tree" then
        local root = row.result.fields[1]
        local children = root.fields[#root.fields]
        assert.equal("children", children.name)
        assert.equal(root.shape, children.shape)
        assert.is_nil(children.fields)
        return
      end
    end
    error "no such row"
  end)
end)
