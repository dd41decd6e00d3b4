# shellcheck shell=bash
# The figures of hosts with a loop of their own: what a call leaves to the
# others. Sourced by bench/run; daytona-local runs, sandbox_id is set.

# start_nginx SANDBOX_ID...: nginx with one worker on a unix socket; sets
# nginx_worker.
start_nginx() {
  local module socket=$work/nginx/socket
  mkdir -p "$work/nginx"
  for module in ndk_http_module ngx_http_lua_module; do
    [ ! -e "/usr/lib/nginx/modules/$module.so" ] ||
      echo "load_module /usr/lib/nginx/modules/$module.so;"
  done >"$work/nginx/nginx.conf"
  [ "$(id -u)" -ne 0 ] || echo "user root;" >>"$work/nginx/nginx.conf"
  cat >>"$work/nginx/nginx.conf" <<EOF
worker_processes 1;
daemon off;
pid nginx.pid;
env DAYTONA_API_KEY;
env DAYTONA_API_URL;
env SANDBOX_IDS;
events { worker_connections 2048; }
http {
  access_log off;
  client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
  lua_package_path "$root/lua/?.lua;$root/lua/?/init.lua;;";
  lua_package_cpath "$(cpath luajit)";
  init_by_lua_block {
    client = assert(require("daytona").new { host = require "daytona.host.ngx" })
    sandboxes = {}
    for id in os.getenv "SANDBOX_IDS":gmatch "%S+" do
      table.insert(sandboxes, client:sandbox(id))
    end
  }
  server {
    listen unix:$socket backlog=1024;
    location /pass/1 { $(pass_to "$1") }
    location /pass/2 { $(pass_to "$2") }
    location = /ping { content_by_lua_block { ngx.print "pong" } }
    location = /exec {
      content_by_lua_block {
        local sandbox = sandboxes[(ngx.var.arg_n or 0) % #sandboxes + 1]
        local run, err = sandbox.process:exec("sleep " .. ngx.var.arg_seconds)
        ngx.say(run and run.exit_code or tostring(err))
      }
    }
  }
}
EOF
  DAYTONA_API_URL=$api_url SANDBOX_IDS="$*" nginx -p "$work/nginx" \
    -c "$work/nginx/nginx.conf" -e "$work/nginx/error.log" &
  servers+=($!)
  until [ "$(ask_nginx /ping 2>/dev/null)" = pong ]; do
    kill -0 $! || {
      cat "$work/nginx/error.log" >&2
      return 1
    }
    sleep 0.05
  done
  nginx_worker=$(cat /proc/$!/task/*/children | cut -d' ' -f1)
}

# Directives that hand a request over as an exec call of that sandbox, by nginx
# alone.
pass_to() {
  local url
  url=$(LUA_CPATH=$(cpath lua5.4) lua5.4 bench/samples.lua "$api_url" url 1 "$1")
  echo "proxy_pass $url; proxy_set_header Authorization \"Bearer $DAYTONA_API_KEY\";
    proxy_set_header Content-Type application/json; proxy_http_version 1.1;"
}

# ask_nginx PATH [CURL_OPTION...]
ask_nginx() {
  local path=$1
  shift
  curl -sS --unix-socket "$work/nginx/socket" "$@" "http://nginx$path"
}

# CPU time of all threads of a process, in milliseconds.
cpu_of() { awk '{ s += $1 } END { print s / 1e6 }' /proc/"$1"/task/*/schedstat; }

nginx_figures() {
  local exec_job
  if ! command -v nginx >/dev/null; then
    result skipped "nginx" "" - - 20 - "nginx is missing"
    return
  fi
  say "nginx"
  # Two: the processes of one are limited.
  start_nginx "$sandbox_id" \
    "$(LUA_CPATH=$(cpath lua5.4) lua5.4 bench/samples.lua "$api_url" sandbox)"
  ask_nginx "/exec?seconds=0&n=[1-2]" >/dev/null # loads and connects
  ask_nginx "/exec?seconds=6" >"$work/nginx/answer" &
  exec_job=$!
  ask_nginx "/ping?[1-240]" --rate 100/s -o /dev/null -w '%{time_total}\n' \
    >"$work/pings"
  kill -0 "$exec_job" # it was under way all the time
  wait "$exec_job"
  [ "$(cat "$work/nginx/answer")" = 0 ]
  result most "nginx /ping during an exec, p99" ms - \
    "$(sort -n "$work/pings" | awk '{ v[NR] = $1 } END { print v[int(NR * 0.99)] * 1000 }')" \
    20 10 "one worker, exec of 6 s, 240 pings, 100 a second"
  for _ in 1 2 3; do
    waiting_calls "/exec?seconds=4&n=[1-200]" >>"$work/waiting"
    waiting_calls "/pass/[1-2]?[1-100]" -d '{"command":"sleep 4 && echo 0"}' >>"$work/passed"
  done
  result ratio "nginx, 200 calls that wait 4 s" "ms CPU" "$(median 1 <"$work/passed")" \
    "$(median 1 <"$work/waiting")" 4 1 \
    "all threads of the worker, from the first request to the last answer; median of 3; floor: its own proxy_pass"
}

# waiting_calls PATH [CURL_OPTION...]: prints the CPU time of the worker for 200
# calls at once that wait for 4 s.
waiting_calls() {
  local before count path=$1
  shift
  before=$(cpu_of "$nginx_worker")
  ask_nginx "$path" "$@" --parallel --parallel-immediate \
    --parallel-max 200 >"$work/nginx/answers" 2>/dev/null
  calculate "$(cpu_of "$nginx_worker") - $before"
  echo
  # What nginx only passes on is JSON: "exitCode":0.
  count=$(grep -o -E '^0$|"exitCode": ?0' "$work/nginx/answers" | wc -l)
  [ "$count" -eq 200 ] || {
    echo "bench/run: $count of 200 calls succeeded" >&2
    grep -v '^0$' "$work/nginx/answers" | cut -c1-500 | sort | uniq -c | head >&2
    return 1
  }
}

# How often a timer of 10 ms fires in Neovim during an exec of 3 s.
nvim_ticks() {
  local ticks
  if ! command -v nvim >/dev/null; then
    result skipped "Neovim, timer ticks" "" - - 250 - "nvim is missing"
    return
  fi
  say "Neovim"
  ticks=$(LUA_CPATH=$(cpath luajit) DAYTONA_API_URL=$api_url SANDBOX_ID=$sandbox_id \
    timeout 60 nvim --headless -u NONE -i NONE -n -c 'luafile bench/nvim_ticks.lua' 2>&1)
  result least "Neovim, ticks during an exec" ticks - "$ticks" 250 20 \
    "timer of 10 ms, exec of 3 s"
}
