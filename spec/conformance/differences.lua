-- Where a row of the operations table knowingly differs from the published
-- document: { reason = ..., sentence, ... } with the sentences of compare.lua;
-- "*" stands for any operation. An entry that no row needs any more fails.

return {
  {
    reason = "always whole minutes on the real server; the document knows no integers in answers",
    "* result.autoStopInterval: is integer, the document says number",
    "* result.autoPauseInterval: is integer, the document says number",
    "* result.autoArchiveInterval: is integer, the document says number",
    "* result.autoDeleteInterval: is integer, the document says number",
    "* result.items.autoStopInterval: is integer, the document says number",
    "* result.items.autoPauseInterval: is integer, the document says number",
    "* result.items.autoArchiveInterval: is integer, the document says number",
    "* result.items.autoDeleteInterval: is integer, the document says number",
  },
  {
    reason = "a listed sandbox is the same handle as any other; lists leave these fields out",
    "sandbox.list result.items.env: not in the document",
    "sandbox.list result.items.volumes: not in the document",
    "sandbox.list result.items.buildInfo: not in the document",
  },
  {
    reason = "of later servers (0.218, 0.220) than the document is of",
    "sandbox.create body kvm: not in the document",
    "sandbox.create body queueTimeout: not in the document",
    "sandbox.list query minGpu: not in the document",
    "sandbox.list query maxGpu: not in the document",
    "* result.kvm: not in the document",
    "* result.queueTimeout: not in the document",
    "* result.queueTimedOutAt: not in the document",
    "sandbox.list result.items.kvm: not in the document",
    "sandbox.list result.items.queueTimeout: not in the document",
    "sandbox.list result.items.queueTimedOutAt: not in the document",
    "organization.get_gpu_capacity: GET /organizations/{organization_id}/gpu-capacity is not in the document",
  },
  {
    reason = "Lua offers a map from variable to secret and sends it as a list of one-key objects",
    "sandbox.create body secrets: is map of string, the document says list of map of string",
    "sandbox.update_secrets body secrets: is map of string, the document says list of map of string",
  },
  {
    reason = "older servers name the exit code so",
    "process.exec result.code: not in the document",
    "process.code_run result.code: not in the document",
  },
  {
    reason = "servers differ in what they put there (numbers or text), so it comes as it is",
    "process.code_run result.artifacts.charts.elements.points: is any,"
      .. " the document says list of list of number",
    "process.code_run result.artifacts.charts.elements.value: is any, the document says string",
  },
  {
    reason = "the document leaves out what this endpoint takes and gives; this is what servers do",
    "fs.upload_file form files[0].path: not in the document",
    "fs.upload_file result: is object, the document says nothing",
    "fs.upload_files form files[0].path: not in the document",
    "fs.upload_files result: is object, the document says nothing",
  },
  {
    reason = "the answer is a multipart form of files, not the JSON that the document says",
    "fs.download_files result: is nothing, the document says map of any",
  },
  {
    reason = "asked at an older level the server gives the log as it is stored, byte by byte",
    "command.logs result: is bytes, the document says object",
    "command.entrypoint_logs result: is bytes, the document says object",
  },
  {
    reason = "who rotates the key only wants the old one gone",
    "sandbox.rotate_signing_key result: is nothing, the document says string",
  },
  {
    reason = "the same path as a WebSocket, which needs the parameter and has no result",
    "command.follow query follow: is required, the document says optional",
    "command.follow result: is nothing, the document says object",
    "command.follow_entrypoint query follow: is required, the document says optional",
    "command.follow_entrypoint result: is nothing, the document says object",
  },
  {
    reason = "WebSockets take options as subprotocols, which the document does not describe",
    "process.connect_pty subprotocol subprotocols: not in the document",
  },
  {
    reason = "the official SDKs use it, the document leaves it out",
    "process.create_pty: GET /process/pty/create-connect is not in the document",
  },
  {
    reason = "servers refuse a terminal without an id",
    "process.create_pty_session body id: is required, the document says optional",
  },
  {
    reason = "a sentence that says that it is deleted",
    "process.kill_pty_session result: is nothing, the document says map of any",
    "code_interpreter.delete_context result: is nothing, the document says map of string",
  },
  {
    reason = "counts are whole; the document knows no integers in answers of the API",
    "snapshot.list result.total: is integer, the document says number",
    "snapshot.list result.page: is integer, the document says number",
    "snapshot.list result.totalPages: is integer, the document says number",
    "secret.list result.total: is integer, the document says number",
    "* result.pool: is integer, the document says number",
    "* result.currentSize: is integer, the document says number",
  },
  {
    reason = "the official SDKs revoke one token; without it all would be revoked",
    "sandbox.revoke_ssh_access query token: is required, the document says optional",
  },
  {
    reason = "the official SDKs require it, and without it there is nothing to do",
    "* body x: is required, the document says optional",
    "* body y: is required, the document says optional",
    "computer_use.mouse.drag body startX: is required, the document says optional",
    "computer_use.mouse.drag body startY: is required, the document says optional",
    "computer_use.mouse.drag body endX: is required, the document says optional",
    "computer_use.mouse.drag body endY: is required, the document says optional",
    "computer_use.mouse.scroll body direction: is required, the document says optional",
    "computer_use.keyboard.type body text: is required, the document says optional",
    "computer_use.keyboard.press body key: is required, the document says optional",
    "computer_use.keyboard.hotkey body keys: is required, the document says optional",
    "computer_use.accessibility.set_node_value body value: is required, the document says optional",
  },
  {
    reason = "an empty object says no more than that it is done",
    "computer_use.keyboard.type result: is nothing, the document says any",
    "computer_use.keyboard.press result: is nothing, the document says any",
    "computer_use.keyboard.hotkey result: is nothing, the document says any",
    "computer_use.accessibility.focus_node result: is nothing, the document says any",
    "computer_use.accessibility.invoke_node result: is nothing, the document says any",
    "computer_use.accessibility.set_node_value result: is nothing, the document says any",
  },
  {
    reason = "the official SDKs take what is to be set first; it may be empty",
    "sandbox.update_env body set: is required, the document says optional",
  },
}
