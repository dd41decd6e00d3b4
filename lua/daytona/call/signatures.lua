--- The public methods of each kind of object, by the name that users write, with
--- the most arguments each takes.  spec/lua/class_spec.lua compares this with the
--- functions themselves.

return {
  client = {
    close = 0, create = 1, delete = 2, get = 2, get_config = 1, get_or_create = 1, list = 1, list_page = 1, reap = 1,
    request = 3, sandbox = 1, start = 2, stop = 2, with_sandbox = 2,
  },
  sandbox = {
    archive = 1, build_logs = 1, create_signed_preview_url = 2, delete = 1, download_url = 2, ensure_started = 1,
    expire_signed_preview_url = 3, get_preview_link = 2, get_user_home_dir = 1, get_version = 1, get_work_dir = 1,
    preview = 1,
    recover = 1, refresh = 1, refresh_activity = 1, rotate_signing_key = 1,
    set_auto_archive_interval = 2, set_auto_delete_interval = 2, set_auto_stop_interval = 2, set_labels = 2,
    set_public = 2, start = 1, stop = 1, to_table = 0, upload_url = 2, wait_for = 1, wait_until_deleted = 1,
    wait_until_started = 1, wait_until_stopped = 1,
  },
  ["sandbox.process"] = {
    attach = 1, code_run = 2, connect_pty = 2, create_pty = 2, create_pty_session = 2, create_session = 2,
    delete_session = 2, exec = 2, get_entrypoint_session = 1, get_pty_session_info = 2, get_session = 2,
    kill_pty_session = 2, list_pty_sessions = 1, list_sessions = 1, resize_pty_session = 4, run = 2, start = 2,
  },
  ["sandbox.fs"] = {
    create_folder = 2, delete_file = 2, download_dir = 3, download_file = 3, download_files = 2, find_files = 3,
    get_file_info = 2, list_files = 2, move_file = 3, read_file = 2, replace_in_files = 4, search_files = 3,
    set_permissions = 2, upload_dir = 3, upload_file = 3, upload_files = 2,
  },
  ["sandbox.git"] = { clone = 3 },
  ["sandbox.code_interpreter"] = { create_context = 1, delete_context = 2, list_contexts = 1, run_code = 2 },
  session = { delete = 1, exec = 2 },
  command = { follow = 1, input = 2, logs = 1, status = 1 },
  job = { follow = 1, input = 2, kill = 1, logs = 2, to_table = 0, wait = 1 },
  pty = { disconnect = 0, is_connected = 0, kill = 1, read = 1, resize = 3, wait = 1, write = 2 },
  preview = { connect = 2, open = 3, request = 3 },
  preview_socket = { close = 0, receive = 1, send = 2 },
  reader = { close = 0, read = 0, total = 0 },
  stream = { close = 0, read = 1 }, -- a loop over stream.read gives it the last name
  server = { client = 1, stop = 0 },
}
