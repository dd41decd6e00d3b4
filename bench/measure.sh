# shellcheck shell=bash
# How bench/run builds, starts servers and takes a measure. Sourced.

build() {
  mkdir -p "$out"
  local name
  for name in floor_start floor_exec floor_multi floor_forkexec floor_live sink; do
    "${CC:-cc}" -std=c99 -D_GNU_SOURCE -O2 -Wall -Wextra \
      -o "$out/$name" "bench/$name.c" -lcurl -lpthread
  done
  "${CC:-cc}" -std=c99 -D_GNU_SOURCE -O2 -Wall -Wextra -o "$out/stream" \
    bench/stream.c src/wire/{base64,frames,handshake,queue,sha1,utf8}.c -lwslay
}

machine() {
  echo "$(nproc) x$(sed -n 's/^model name[^:]*://p' /proc/cpuinfo | head -1)," \
    "Linux $(uname -r), $(curl --version | sed -n '1s/^\([^ ]* [^ ]*\).*/\1/p')," \
    "$(lua5.4 -v | cut -d' ' -f1,2), $(valgrind --version)"
}

# Start the sink; sets sink_port.
start_sink() {
  local fd
  exec {fd}< <(exec "$out/sink")
  servers+=($!)
  read -r sink_port <&"$fd"
}

# Start daytona-local; sets api_url, local_pid and exports its key.
start_local() {
  local fd line
  mkdir "$work/data"
  exec {fd}< <(exec build/daytona-local serve --listen 127.0.0.1:0 --data "$work/data" 2>"$work/local.log")
  local_pid=$!
  servers+=("$local_pid")
  if ! read -r line <&"$fd"; then
    cat "$work/local.log" >&2
    exit 1
  fi
  api_url=$(sed 's/.*"api_url": *"\([^"]*\)".*/\1/' <<<"$line")
  DAYTONA_API_KEY=$(sed 's/.*"api_key": *"\([^"]*\)".*/\1/' <<<"$line")
  export DAYTONA_API_KEY
}

# Where a Lua finds the C modules that were built for it.
cpath() {
  case $1 in
    lua5.4) echo "$root/build/5.4/?.so;;" ;;
    *) echo "$root/build/5.1/?.so;;" ;;
  esac
}

# Instructions of a whole process in user space, dynamic linker included.
instructions() {
  valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" \
    --log-file="$work/valgrind.log" "$@" >&2 || {
    cat "$work/valgrind.log" >&2
    return 1
  }
  sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' "$work/valgrind.log"
}

# The least of three runs: what a call costs depends a little on whether the
# answer is there when libcurl first looks.
fewest_instructions() {
  for _ in 1 2 3; do
    instructions "$@"
  done | best 1
}

# Instructions of one call: `"$@" COUNT` at two counts, so that the start and
# the first, connecting call drop out.
instructions_per_call() {
  local few many
  few=$(fewest_instructions "$@" 100)
  many=$(fewest_instructions "$@" 1100)
  echo $(((many - few) / 1000))
}

# costs COUNT [OPTION...] -- COMMAND...: one line a run, wall, user and system
# time in microseconds, and peak memory in KiB. Keeps the last output.
costs() {
  local count=$1
  shift
  "$out/floor_forkexec" -n "$count" -o "$work/output" "$@" || {
    cat "$work/output" >&2
    return 1
  }
}

# best FIELD, median FIELD: of the lines on standard input.
best() { sort -n -k"$1,$1" | awk -v f="$1" 'NR == 1 { print $f }'; }
median() {
  sort -n -k"$1,$1" | awk -v f="$1" '{ v[NR] = $f }
    END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# calculate EXPRESSION
calculate() { awk "BEGIN { printf \"%.6g\", $1 }"; }

# Find the bwrap under daytona-local: sets bwrap_user (UID:GID) and
# bwrap_command, its own command line up to the program that runs inside.
bwrap_of_sandbox() {
  local pid="" child argument
  for child in $(descendants "$local_pid"); do
    [ "$(cat "/proc/$child/comm")" = bwrap ] || continue
    pid=$child
    break
  done
  [ -n "$pid" ] || {
    echo "bench/run: no bwrap runs under daytona-local" >&2
    return 1
  }
  bwrap_user=$(awk '/^Uid:/ { u = $2 } /^Gid:/ { g = $2 }
    END { print u ":" g }' "/proc/$pid/status")
  bwrap_command=()
  while IFS= read -r -d '' argument; do
    case $argument in # descriptors that only the server gives
      --info-fd | --block-fd | --seccomp) IFS= read -r -d '' argument; continue ;;
    esac
    bwrap_command+=("$argument")
    [ "$argument" = -- ] && break
  done <"/proc/$pid/cmdline"
}

# Every process below one, parents first.
descendants() {
  local child
  for child in $(cat /proc/"$1"/task/*/children); do
    echo "$child"
    descendants "$child"
  done
}
