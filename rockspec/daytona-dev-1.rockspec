rockspec_format = "3.0"
package = "daytona"
version = "dev-1"
source = {
  url = ".",
}
description = {
  summary = "Client for Daytona sandboxes",
  detailed = [[
    Creates Daytona sandboxes, runs commands and code in them, moves files,
    clones repositories. A C module on libcurl does the work of one request, a
    small Lua layer puts requests in order.
  ]],
  license = "MIT",
}
dependencies = {
  "lua >= 5.1, < 5.5",
  "lua-cjson >= 2.1.0",
}
external_dependencies = {
  CURL = { library = "curl" },
  WSLAY = { library = "wslay" },
}
build = {
  type = "builtin",
  modules = {
    ["daytona"] = "lua/daytona/init.lua",
    ["daytona.actions"] = "lua/daytona/actions.lua",
    ["daytona.base64"] = "lua/daytona/base64.lua",
    ["daytona.call"] = "lua/daytona/call.lua",
    ["daytona.client"] = "lua/daytona/client.lua",
    ["daytona.command"] = "lua/daytona/command.lua",
    ["daytona.core"] = {
      sources = {
        "src/core/attention.c",
        "src/core/background.c",
        "src/core/body.c",
        "src/core/buffer.c",
        "src/core/client.c",
        "src/core/decode.c",
        "src/core/decode_parts.c",
        "src/core/demultiplexer.c",
        "src/core/disposition.c",
        "src/core/driver.c",
        "src/core/encode.c",
        "src/core/encode_json.c",
        "src/core/failure.c",
        "src/core/files.c",
        "src/core/json.c",
        "src/core/misuse.c",
        "src/core/module.c",
        "src/core/multipart.c",
        "src/core/operations.c",
        "src/core/operations_api.c",
        "src/core/operations_live.c",
        "src/core/operations_toolbox.c",
        "src/core/parts.c",
        "src/core/rate_limit.c",
        "src/core/ready.c",
        "src/core/request.c",
        "src/core/request_free.c",
        "src/core/request_info.c",
        "src/core/request_send.c",
        "src/core/request_setup.c",
        "src/core/sandbox.c",
        "src/core/sha256.c",
        "src/wire/frames.c",
        "src/wire/handshake.c",
        "src/wire/queue.c",
        "src/wire/sha1.c",
        "src/wire/utf8.c",
      },
      defines = { "_GNU_SOURCE" },
      libraries = { "curl", "wslay", "pthread" },
      incdirs = { "$(CURL_INCDIR)", "$(WSLAY_INCDIR)" },
      libdirs = { "$(CURL_LIBDIR)", "$(WSLAY_LIBDIR)" },
    },
    ["daytona.error"] = "lua/daytona/error.lua",
    ["daytona.explain"] = "lua/daytona/explain.lua",
    ["daytona.fs"] = "lua/daytona/fs.lua",
    ["daytona.git"] = "lua/daytona/git.lua",
    ["daytona.host.heap"] = "lua/daytona/host/heap.lua",
    ["daytona.host.loop"] = "lua/daytona/host/loop.lua",
    ["daytona.host.plain"] = "lua/daytona/host/plain.lua",
    ["daytona.host.scheduler"] = "lua/daytona/host/scheduler.lua",
    ["daytona.host.uv"] = "lua/daytona/host/uv.lua",
    ["daytona.mime"] = "lua/daytona/mime.lua",
    ["daytona.naming"] = "lua/daytona/naming.lua",
    ["daytona.pace"] = "lua/daytona/pace.lua",
    ["daytona.preload"] = {
      sources = { "src/preload/preload.c" },
    },
    ["daytona.process"] = "lua/daytona/process.lua",
    ["daytona.progress"] = "lua/daytona/progress.lua",
    ["daytona.protect"] = "lua/daytona/protect.lua",
    ["daytona.reader"] = "lua/daytona/reader.lua",
    ["daytona.sandbox"] = "lua/daytona/sandbox.lua",
    ["daytona.scope"] = "lua/daytona/scope.lua",
    ["daytona.session"] = "lua/daytona/session.lua",
    ["daytona.testing"] = "lua/daytona/testing.lua",
    ["daytona.transfer"] = "lua/daytona/transfer.lua",
    ["daytona.version"] = "lua/daytona/version.lua",
    ["daytona.wait"] = "lua/daytona/wait.lua",
    ["daytona.watch"] = "lua/daytona/watch.lua",
  },
}
test = {
  type = "busted",
}
