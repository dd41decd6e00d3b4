# shellcheck shell=bash
# The figures of bench/run, one function each. Sourced.

# Client work per exec call: the library against a bare libcurl loop that
# sends the request which the sink has just received from the library.
client_work() {
  local base=http://127.0.0.1:$sink_port floor ours vm bound
  say "client work per exec call"
  LUA_CPATH=$(cpath lua5.4) lua5.4 bench/exec.lua "$sink_port" 1
  curl -sS -o "$work/request" "$base/last"
  floor=$(instructions_per_call "$out/floor_exec" "$base" "$work/request")
  curl -sS -o "$work/sent" "$base/last"
  cmp "$work/request" "$work/sent" # the floor sent the same bytes
  for vm in lua5.4 lua5.1 luajit; do
    ours=$(LUA_CPATH=$(cpath "$vm") instructions_per_call "$vm" \
      bench/exec.lua "$sink_port")
    bound=-
    [ "$vm" = lua5.4 ] && bound=1.5
    result ratio "exec call, $vm" instructions "$floor" "$ours" "$bound" 0 \
      "callgrind, (1100 - 100 calls) / 1000; floor: bare libcurl loop, same bytes"
  done
}

# The same for 1,000 calls, 50 at once, in one Lua thread.
fan_out() {
  local base=http://127.0.0.1:$sink_port floor ours vm bound
  say "fan-out"
  floor=$(instructions_per_call "$out/floor_multi" "$base" "$work/request" 50)
  for vm in lua5.4 lua5.1 luajit; do
    ours=$(LUA_CPATH=$(cpath "$vm") instructions_per_call "$vm" \
      bench/fan_out.lua "$sink_port")
    bound=-
    [ "$vm" = lua5.4 ] && bound=1.5
    result ratio "fan-out call, $vm" instructions "$floor" "$ours" "$bound" 0 \
      "concurrency 50; callgrind, (1100 - 100 calls) / 1000; floor: bare libcurl multi"
  done
  LUA_CPATH=$(cpath lua5.4) costs 5 -- lua5.4 bench/fan_out.lua \
    "$sink_port" 1000 >"$work/fan_out"
  result most "fan-out, memory" "KiB over idle" - "$(tail -1 "$work/output")" \
    8192 0 "1000 calls, concurrency 50, VmHWM"
}

client_start() {
  local floor ours vm bound
  say "start"
  floor=$(instructions "$out/floor_start")
  for vm in lua5.4 lua5.1 luajit; do
    ours=$(LUA_CPATH=$(cpath "$vm") instructions "$vm" -e \
      'require "daytona".new{api_key="k", api_url="http://127.0.0.1:9/api"}')
    bound=-
    [ "$vm" = lua5.4 ] && bound=1.5
    result ratio "start, $vm" instructions "$floor" "$ours" "$bound" 0 \
      "callgrind, whole process; floor: curl_global_init, one easy handle, exit"
  done
}

# 1 GiB each way, whole processes, one after the other in each round: the
# curl program, then a Lua script that does one small call and the transfer.
# Neither file is there when either download starts, so that both get the
# same memory for theirs.
transfers() {
  local url=http://127.0.0.1:$sink_port/toolbox/x/files size=$((1 << 30))
  local way
  say "1 GiB up and down (files in $big)"
  truncate -s "$size" "$big/source"
  check_download
  for _ in 1 2 3 4 5 6 7; do
    costs 1 -- curl -sS -F 'files[0].path=/tmp/x' \
      -F "files[0].file=@$big/source" "$url/bulk-upload" >>"$work/curl.up"
    transfer_by_us up "$big/source"
    costs 1 -- curl -sS -o "$big/target" "$url/download?path=/tmp/x" \
      >>"$work/curl.down"
    rm -f "$big/target"
    transfer_by_us down "$big/target"
    rm -f "$big/target"
  done
  rm -f "$big/source"
  for way in up down; do
    transfer_results "$way" "$size"
  done
}

# Once, untimed: what we write is what curl writes.
check_download() {
  curl -sS -o "$big/by-curl" "$url/download?path=/tmp/x"
  transfer_by_us down "$big/target"
  cmp "$big/by-curl" "$big/target"
  rm -f "$big/by-curl" "$big/target" "$work/ours.down" "$work/grown.down"
}

# transfer_by_us up|down FILE
transfer_by_us() {
  local moved grown
  LUA_CPATH=$(cpath lua5.4) costs 1 -- lua5.4 bench/transfer.lua \
    "$1" "$sink_port" "$2" >>"$work/ours.$1"
  read -r moved grown <"$work/output"
  [ "$moved" -eq "$size" ] || {
    echo "bench/run: $1load moved $moved bytes" >&2
    return 1
  }
  echo "$grown" >>"$work/grown.$1"
}

# transfer_results up|down SIZE
transfer_results() {
  local floor ours medians
  floor=$(best 1 <"$work/curl.$1")
  ours=$(best 1 <"$work/ours.$1")
  medians=$(calculate "$(median 1 <"$work/curl.$1") / $(median 1 <"$work/ours.$1")")
  result speed "1 GiB $1" MiB/s "$(calculate "$2 / 1.048576 / $floor")" \
    "$(calculate "$2 / 1.048576 / $ours")" 0.9 0.05 \
    "best of 7, interleaved with the curl program (ratio of medians $(printf %.2f "$medians"))"
  result most "1 GiB $1, memory" "KiB over idle" - \
    "$(sort -n "$work/grown.$1" | tail -1)" 4096 0 "VmHWM, worst of 7"
}

# Create until started, in rounds with `bwrap true` under the user and the
# namespace options of a sandbox that daytona-local is running.
create_latency() {
  local round
  say "create"
  sandbox_id=$(LUA_CPATH=$(cpath lua5.4) lua5.4 bench/samples.lua "$api_url" sandbox)
  bwrap_of_sandbox
  for round in 1 2 3 4; do
    costs 5 -u "$bwrap_user" -- "${bwrap_command[@]}" true >>"$work/bwrap"
    LUA_CPATH=$(cpath lua5.4) lua5.4 bench/samples.lua "$api_url" create 5 \
      >>"$work/create"
  done
  result over "create until started" ms \
    "$(calculate "$(median 1 <"$work/bwrap") / 1000")" \
    "$(calculate "$(median 1 <"$work/create") / 1000")" 60 10 \
    "median of 20; floor: bwrap true, same user and options"
}

# Exec round trips through a running sandbox, in rounds with fork and exec of
# the shell that the sandbox uses, fed the same script.
exec_latency() {
  local round
  say "exec round trip"
  printf true >"$work/script"
  for round in 1 2 3 4; do
    costs 50 -i "$work/script" -- bash >>"$work/fork"
    LUA_CPATH=$(cpath lua5.4) lua5.4 bench/samples.lua "$api_url" exec 50 \
      "$sandbox_id" >>"$work/exec"
  done
  result over "exec round trip" ms \
    "$(calculate "$(median 1 <"$work/fork") / 1000")" \
    "$(calculate "$(median 1 <"$work/exec") / 1000")" 1 0.25 \
    "median of 200; floor: fork + exec of bash fed the same script"
}

# The core's WebSocket by itself: a server in C that sends as fast as it can
# and echoes, and a bare reader of the same socket.
websocket() {
  local fd port round
  say "a WebSocket against a bare socket"
  exec {fd}< <(exec "$out/stream" serve)
  servers+=($!)
  read -r port <&"$fd"
  for round in 1 2 3 4 5 6 7 8 9 10; do
    "$out/stream" read "$port" 104857600 >>"$work/frames.floor"
    LUA_CPATH=$(cpath lua5.4) lua5.4 bench/stream.lua read "$port" 104857600 >>"$work/frames.ours"
  done
  for round in 1 2 3; do
    "$out/stream" echo "$port" 1000 >>"$work/frame.floor"
    LUA_CPATH=$(cpath lua5.4) lua5.4 bench/stream.lua echo "$port" 1000 >>"$work/frame.ours"
  done
  result speed "WebSocket, 100 MiB" "MiB/s" \
    "$(calculate "100 / $(sort -n "$work/frames.floor" | head -1)")" \
    "$(calculate "100 / $(sort -n "$work/frames.ours" | head -1 | cut -d' ' -f1)")" 0.8 0.2 \
    "best of 10; floor: recv only"
  result most "WebSocket, memory" "KiB over idle" - \
    "$(cut -d' ' -f2 "$work/frames.ours" | sort -n | tail -1)" 4096 0 "VmHWM"
  result over "WebSocket, echo" ms \
    "$(calculate "1000 * $(sort -n "$work/frame.floor" | head -1)")" \
    "$(calculate "1000 * $(sort -n "$work/frame.ours" | head -1)")" 0.2 0.1 \
    "best median of 3 times 1000; floor: a client in C"
}

# The library against daytona-local, given the server by its variables.
live() {
  DAYTONA_API_URL=$api_url LUA_CPATH=$(cpath lua5.4) lua5.4 bench/live.lua "$@"
}

# 50 MiB on each stream, followed: the library against a reader in C that
# throws away what it receives. The best of many rounds each: what is measured
# is three processes on two processors.
following() {
  local round port bytes=52428800
  say "following a log"
  live prepare "$work/log" "$bytes"
  port=$(live port "$work/log")
  for round in 1 2 3 4 5 6 7 8 9 10; do
    "$out/floor_live" "$port" "$work/log.request" >>"$work/follow.floor"
    live read "$work/log" "$bytes" >>"$work/follow.ours"
  done
  result speed "following" "MiB/s" \
    "$(calculate "100 / $(sort -n "$work/follow.floor" | head -1 | cut -d' ' -f1)")" \
    "$(calculate "100 / $(sort -n "$work/follow.ours" | head -1 | cut -d' ' -f1)")" 0.8 0.2 \
    "both streams, best of 10; floor: the same socket, recv only"
  result most "following, memory" "KiB over idle" - \
    "$(cut -d' ' -f2 "$work/follow.ours" | sort -n | tail -1)" 4096 0 "VmHWM"
}

# A key typed and shown again by the terminal of a sandbox.
pty_echo() {
  local round
  say "echo of a terminal"
  live terminal "$work/pty"
  for round in 1 2 3; do
    "$out/floor_live" "$(live port "$work/pty")" "$work/pty.request" 300 >>"$work/echo.floor"
    live echo "$work/pty" 300 >>"$work/echo.ours"
  done
  result over "terminal echo" ms \
    "$(calculate "1000 * $(sort -n "$work/echo.floor" | head -1)")" \
    "$(calculate "1000 * $(sort -n "$work/echo.ours" | head -1)")" 0.2 0.1 \
    "best median of 3 times 300; floor: frames over a bare socket in C"
}

# The official TypeScript SDK doing the same. No bound: a peer.
official_sdk() {
  local sdk=$out/sdk label note
  label="npm @daytona/sdk"
  if ! command -v npm >/dev/null; then
    result skipped "$label" "" - - - - "npm is missing"
    return
  fi
  say "official TypeScript SDK"
  if [ ! -d "$sdk/node_modules/@daytona/sdk" ]; then
    mkdir -p "$sdk"
    echo '{"private": true}' >"$sdk/package.json"
    npm install --prefix "$sdk" --ignore-scripts --no-audit --no-fund \
      --loglevel=error @daytona/sdk >"$work/npm.log" 2>&1 || {
      result skipped "$label" "" - - - - "npm install failed"
      return
    }
  fi
  label+=" $(sed -n 's/.*"version": "\(.*\)".*/\1/p' \
    "$sdk/node_modules/@daytona/sdk/package.json" | head -1)"
  peer_results "$label"
  directories "$label"
  NODE_PATH=$root/$sdk/node_modules node bench/sdk.cjs follow "$api_url" \
    "$work/log" 52428800 3 >"$work/follow.sdk"
  result peer "following, $label" MiB/s \
    "$(calculate "100 / $(sort -n "$work/follow.sdk" | head -1)")" \
    "$(calculate "100 / $(sort -n "$work/follow.ours" | head -1 | cut -d' ' -f1)")" \
    - - "both streams, best of 3 and of 10"
}

# peer_results LABEL
peer_results() {
  local -x NODE_PATH=$root/$out/sdk/node_modules LUA_CPATH
  LUA_CPATH=$(cpath lua5.4)
  costs 5 -- node bench/sdk.cjs start >"$work/sdk.start"
  costs 5 -- lua5.4 -e \
    'require "daytona".new{api_key="k", api_url="http://127.0.0.1:9/api"}' \
    >"$work/ours.start"
  result peer "start, $1" ms "$(calculate "$(best 1 <"$work/sdk.start") / 1000")" \
    "$(calculate "$(best 1 <"$work/ours.start") / 1000")" - - \
    "whole process, best of 5; floor column: the SDK"
  result peer "memory at start, $1" MiB \
    "$(calculate "$(best 4 <"$work/sdk.start") / 1024")" \
    "$(calculate "$(best 4 <"$work/ours.start") / 1024")" - - "peak RSS"
  result peer "CPU per exec call, $1" us \
    "$(cpu_per_call 1000 node bench/sdk.cjs exec "$sink_port")" \
    "$(cpu_per_call 10000 lua5.4 bench/exec.lua "$sink_port")" - - \
    "user + system, the first 100 calls taken off, best of 3"
  result peer "CPU per fan-out call, $1" us \
    "$(cpu_per_call 1000 node bench/sdk.cjs fan-out "$sink_port")" \
    "$(cpu_per_call 10000 lua5.4 bench/fan_out.lua "$sink_port")" - - \
    "concurrency 50; user + system, the first 100 calls taken off, best of 3"
}

# A tree of 1,000 small files up into a sandbox and down again.
directories() { # directories LABEL
  local -x NODE_PATH=$root/$out/sdk/node_modules LUA_CPATH
  local way round d i
  say "directories"
  LUA_CPATH=$(cpath lua5.4)
  for d in {1..20}; do
    mkdir -p "$work/tree/$d"
    for i in {1..50}; do echo "file $i of directory $d" >"$work/tree/$d/$i.txt"; done
  done
  for round in 1 2 3; do
    mkdir "$big/trees-$round"
    lua5.4 bench/directory.lua "$api_url" "$sandbox_id" "$work/tree" \
      "$big/trees-$round" 2 >>"$work/trees.ours"
    node bench/sdk.cjs directory "$api_url" "$sandbox_id" "$work/tree" \
      "$big/trees-$round" 2 >>"$work/trees.sdk"
    rm -rf "$big/trees-$round"
  done
  for way in up down; do
    result peer "1000 files $way, $1" ms \
      "$(calculate "$(grep "^$way" "$work/trees.sdk" | median 2) / 1000")" \
      "$(calculate "$(grep "^$way" "$work/trees.ours" | median 2) / 1000")" - - \
      "one thread, plain host; median of 6; the SDK keeps no modes"
  done
}

# cpu_per_call COUNT COMMAND...: user and system time of one call in
# microseconds.
cpu_per_call() {
  local count=$1 few many
  shift
  few=$(costs 3 -- "$@" 100 | awk '{ print $2 + $3 }' | best 1)
  many=$(costs 3 -- "$@" $((count + 100)) | awk '{ print $2 + $3 }' | best 1)
  calculate "($many - $few) / $count"
}
