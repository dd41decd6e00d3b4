# shellcheck shell=bash
# The figures of a long way, see far.lua. Sourced by bench/run.

far() {
  local LUA_PATH="$root/lua/?.lua;$root/lua/?/init.lua;$root/?.lua;$root/?/init.lua;;" LUA_CPATH
  export LUA_PATH LUA_CPATH
  LUA_CPATH=$(cpath lua5.4)
  if ! command -v nginx >/dev/null; then
    result skipped "a long way" "" - - 1 - "nginx is missing"
    return
  fi
  say "a long way"
  head -c 10485760 /dev/urandom >"$big/10"
  head -c 209715200 /dev/urandom >"$big/200"
  # A figure that cannot be taken is one that is missed, and the others count.
  lua5.4 bench/far.lua "$big/10" "$big/200" >>"$results" ||
    result skipped "a long way, the rest" "" - - 1 - "far.lua failed"
  rm -f "$big/10" "$big/200"
}
