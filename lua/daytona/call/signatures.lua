--- The public methods that are written by hand, by kind of object, with the most
--- arguments each takes; those that rows make say it themselves.
--- spec/lua/class_spec.lua compares this with the functions.

return {
  client = {
    close = 0, create = 1, delete = 2, get = 2, get_or_create = 1, list = 1, list_page = 1, reap = 1, request = 3,
    sandbox = 1, start = 2, stop = 2, with_sandbox = 2,
  },
  sandbox = {
    build_logs = 1, create_lsp_server = 3, delete = 1, download_url = 2, ensure_started = 1, preview = 1, recover = 1,
    refresh = 1, set_labels = 2, to_table = 0, upload_url = 2,
    wait_for = 1, wait_until_deleted = 1, wait_until_started = 1,
    wait_until_stopped = 1,
  },
  ["sandbox.process"] = {
    attach = 1, code_run = 2, connect_pty = 2, create_pty = 2, create_pty_session = 2, create_session = 2, exec = 2,
    get_entrypoint_session = 1, get_session = 2, list_sessions = 1, run = 2, start = 2,
  },
  ["sandbox.fs"] = {
    create_folder = 2, download_dir = 3, download_file = 3, download_files = 2, list_files = 2, read_file = 2,
    search_files = 3, upload_dir = 3, upload_file = 3, upload_files = 2,
  },
  ["sandbox.git"] = { clone = 3, remote_get = 3 },
  ["sandbox.code_interpreter"] = { create_context = 1, delete_context = 2, list_contexts = 1, run_code = 2 },
  ["client.snapshot"] = { build_logs = 2 },
  session = { delete = 1, exec = 2 },
  command = { follow = 1, input = 2, logs = 1, status = 1 },
  job = { close_stdin = 1, follow = 1, input = 2, kill = 1, logs = 2, to_table = 0, wait = 1 },
  pty = { disconnect = 0, is_connected = 0, kill = 1, read = 1, resize = 3, wait = 1, write = 2 },
  preview = { connect = 2, open = 3, request = 3 },
  preview_socket = { close = 0, receive = 1, send = 2 },
  reader = { close = 0, read = 0, total = 0 },
  stream = { close = 0, read = 1 }, -- a loop over stream.read gives it the last name
  server = { client = 1, stop = 0 },
}
