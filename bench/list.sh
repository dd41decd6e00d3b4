#!/bin/bash
# How long a page of the list of sandboxes takes, with 100 and with 10,000 of
# them. Run from the project root after `make`; prints milliseconds.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;" LUA_CPATH="$PWD/build/5.4/?.so;;"
unset "${!DAYTONA_@}"

work=$(mktemp -d)
chmod 755 "$work" # daytona-local's service user passes through
server=
finish() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } || true
  rm -rf "$work"
}
trap finish EXIT

start() {
  local fd line
  exec {fd}< <(exec build/daytona-local serve --listen 127.0.0.1:0 --data "$work/data" 2>>"$work/log")
  server=$!
  read -r line <&"$fd" || { cat "$work/log" >&2; exit 1; }
  api_url=$(sed 's/.*"api_url": *"\([^"]*\)".*/\1/' <<<"$line")
  DAYTONA_API_KEY=$(sed 's/.*"api_key": *"\([^"]*\)".*/\1/' <<<"$line")
  export DAYTONA_API_KEY
}

stop() {
  kill "$server"
  wait "$server" || true
  server=
}

for count in 100 10000; do
  rm -rf "$work/data"
  start
  lua5.4 bench/list.lua "$api_url" create
  stop
  /usr/bin/python3 spec/support/rows.py "$work/data/state.db" "$count"
  start
  lua5.4 bench/list.lua "$api_url" "$count"
  stop
done
