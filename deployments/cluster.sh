#!/usr/bin/env bash
# cluster.sh   three nodes, Redis and PostgreSQL as plain processes
#
#   --port N            node1, node2 and node3 at N, N+1, N+2 (9001); 0: any that are free
#   --proxy             one public URL at N, with Caddy and the Caddyfile in front (Linux)
#   --background FILE   come back when all is ready; FILE says where everything is
#   --with PID          end when that process has ended
#   --stop FILE         end one in the background
#
# Everything lies in a scratch folder that goes at the end, unless KEEP=1.
# HEARTH_BIN names a program that is built already.
set -euo pipefail
umask 077

here=$(cd "$(dirname "$0")" && pwd)
nodes=(node1 node2 node3)
port=9001 proxy='' state='' with='' stop='' inner='' dir=''

say() { echo "cluster.sh: $*" >&2; exit 1; }

options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --port) port=${2:-} ;;
      --background) state=${2:-} ;;
      --with) with=${2:-} ;;
      --stop) stop=${2:-} ;;
      --proxy) proxy=1; shift; continue ;;
      --inner) inner=1; shift; continue ;;
      -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"; exit ;;
      *) say "$1 is no option. --help shows those there are." ;;
    esac
    [ -n "${2:-}" ] || say "$1 needs a value. --help says which."
    shift 2
  done
  if ! [[ $port =~ ^[0-9]{1,5}$ ]] || [ "$port" -ge 65500 ]; then say "--port is a number below 65500."; fi
  [[ $with =~ ^[0-9]*$ ]] || say "--with is the number of a process."
}

# ---- what is needed

pgbin() {
  local d best=''
  for d in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do [ ! -x "$d/initdb" ] || best=$d; done
  [ -n "$best" ] || best=$(dirname "$(command -v initdb)") || say "PostgreSQL is not here: apt-get install postgresql"
  echo "$best"
}

needed() {
  command -v redis-server >/dev/null || say "Redis is not here: apt-get install redis-server"
  pg=$(pgbin)
  [ -z "$proxy" ] || command -v caddy >/dev/null || say "Caddy is not here: apt-get install caddy"
  [ -n "${HEARTH_BIN:-}" ] || command -v go >/dev/null || say "Go is not here, and HEARTH_BIN names no program."
  dir=$(mktemp -d "${TMPDIR:-/tmp}/hearth-cluster-XXXXXX")
  case $dir in *[!A-Za-z0-9/._-]*) say "TMPDIR has a space or sign in it that PostgreSQL may not like: $dir" ;; esac
  as=()
  if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses root
    id postgres >/dev/null 2>&1 || say "PostgreSQL does not run as root, and there is no user postgres."
    as=(setpriv --reuid postgres --regid postgres --clear-groups)
    chmod 711 "$dir"
    install -d -o postgres -m 700 "$dir/postgres"
    "${as[@]}" test -w "$dir/postgres" || say "The user postgres can't reach $dir. Please choose another place: TMPDIR=/tmp"
  else
    mkdir "$dir/postgres"
  fi
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# ports: nodes at N…, N+10… for probes and metrics, N+20 Redis, N+21 PostgreSQL.
ports() {
  local p tries=0
  while [ "$port" = 0 ]; do
    port=$((10000 + RANDOM % 20000))
    for p in 0 1 2 10 11 12 20 21; do ! taken $((port + p)) || { port=0 tries=$((tries + 1)); break; }; done
    [ $tries -lt 20 ] || say "No free ports were found. Please choose with --port."
  done
  for p in 0 1 2 10 11 12 20 21; do
    ! taken $((port + p)) || say "Port $((port + p)) is taken by another program. Please stop that one, or choose with --port."
  done
  redis=$((port + 20)) sql=$((port + 21))
}

# ---- processes: run-NAME is how one runs, NAME.pid who it is, NAME.log what it says

# runs NAME COMMAND...
runs() {
  local name=$1
  shift
  {
    printf '#!/usr/bin/env bash\ncd %q\necho $$ >%s.pid\nexec' "$dir" "$name"
    printf ' %q' "$@"
    printf ' >>%s.log 2>&1 </dev/null\n' "$name"
  } >"$dir/run-$name"
  chmod +x "$dir/run-$name"
}

# launch gives each a process group of its own, so that Ctrl-C reaches this
# script alone and things end in their order.
launch() {
  set -m
  "$dir/run-$1" &
  disown
  set +m
}

pid() { cat "$dir/$1.pid" 2>/dev/null; }

# args PID prints how a process was started; nothing if it has ended.
args() {
  if [ -d /proc/self ]; then tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" || true; else ps -ww -o args= -p "$1" || true; fi 2>/dev/null
}

# alive NAME: numbers are used again, so the process must look like ours.
alive() {
  local p also=$dir
  p=$(pid "$1") || return 1
  [ "$1" != redis ] || also="127.0.0.1:$redis" # what it calls itself once it runs
  args "$p" | grep -qF -e "$dir" -e "$also"
}

# ready NAME SECONDS COMMAND...: waits until it says yes
ready() {
  local name=$1 end=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $end ] || { [ -n "$(pid "$name")" ] && ! alive "$name"; }; then
      tail -n 5 "$dir/$name.log" >&2 || true
      say "$name did not get ready. Above is the end of its log."
    fi
    sleep 0.1
  done
}

# answers HOST:PORT PATH: with 200, and within two seconds
answers() {
  local line=''
  exec 3<>"/dev/tcp/${1%:*}/${1##*:}" || return 1
  printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$2" "$1" >&3
  read -t 2 -r line <&3 || true
  exec 3>&-
  [[ $line == *" 200 "* ]]
}

# signal NAME: asks it to end. One that was stopped must go on for that.
signal() {
  local s=TERM
  [ "$1" != postgres ] || s=INT # without waiting for those connected
  if alive "$1"; then kill "-$s" "$(pid "$1")" && kill -CONT "$(pid "$1")"; fi 2>/dev/null || true
}

# finish NAME...: asks all of them, waits, and ends those that don't.
finish() {
  local name end=$((SECONDS + 15))
  for name in "$@"; do signal "$name"; done
  for name in "$@"; do
    while alive "$name" && [ $SECONDS -lt $end ]; do sleep 0.1; done
    if alive "$name"; then kill -KILL "$(pid "$name")" 2>/dev/null || true; fi
  done
}

cleanup() {
  local code=$?
  trap '' INT TERM HUP
  trap - EXIT
  [ -n "$dir" ] || exit "$code"
  finish caddy "${nodes[@]}"
  finish redis postgres
  if [ "${KEEP:-}" = 1 ]; then echo "Kept: $dir"; else rm -rf "$dir"; fi
  [ "$code" != 0 ] || [ -z "$state" ] || rm -f "$state.log"
  [ -z "$state" ] || rm -f "$state" # the last thing: --stop waits for it
  exit "$code"
}

# ---- the parts

build() {
  if [ -n "${HEARTH_BIN:-}" ]; then
    cp "$HEARTH_BIN" "$dir/hearth"
  else
    echo "Building Hearth…"
    (cd "$here/.." && go build -o "$dir/hearth" ./cmd/hearth)
  fi
  "$here/secrets.sh" "$dir/secrets" "$dir/hearth"
  # Somebody who may do everything, to try out what happens then.
  cp "$dir/secrets/redis-users.acl" "$dir/users.acl"
  printf 'user operator on >%s ~* &* +@all\n' "$(cat "$dir/secrets/admin-token")" >>"$dir/users.acl"
}

start_redis() {
  runs redis redis-server "$here/redis.conf" --port "$redis" --bind 127.0.0.1 --dir "$dir" --aclfile "$dir/users.acl"
  launch redis
}

start_postgres() {
  cp "$dir/secrets/database-password" "$dir/postgres/password"
  [ ${#as[@]} = 0 ] || chown postgres "$dir/postgres/password"
  (cd "$dir/postgres" && "${as[@]+"${as[@]}"}" "$pg/initdb" -D "$dir/postgres/data" -U postgres -A scram-sha-256 \
    --pwfile password --no-sync --locale=C --encoding=UTF8) >"$dir/postgres.log" 2>&1 || { cat "$dir/postgres.log" >&2; say "PostgreSQL could not be set up."; }
  runs postgres "${as[@]+"${as[@]}"}" "$pg/postgres" -D "$dir/postgres/data" -c port="$sql" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c shared_buffers=16MB -c dynamic_shared_memory_type=mmap
  launch postgres
}

ask_postgres() {
  PGPASSWORD=$(cat "$dir/secrets/database-password") PGCONNECT_TIMEOUT=5 \
    "$pg/psql" -qX -h 127.0.0.1 -p "$sql" -U postgres -d postgres -v ON_ERROR_STOP=1 "$@" </dev/null
}

# host and url of the node with a number from 0. Behind one proxy they differ
# in their addresses, as machines do.
host() { if [ -n "$proxy" ]; then echo "127.0.0.$(($1 + 1))"; else echo 127.0.0.1; fi; }
url() { if [ -n "$proxy" ]; then echo "http://localhost:$port"; else echo "http://localhost:$((port + $1))"; fi; }
inside() { if [ -n "$proxy" ]; then echo "$(host "$1"):$((port + 1))"; else echo "127.0.0.1:$((port + $1))"; fi; }
admin() { if [ -n "$proxy" ]; then echo "$(host "$1"):$((port + 10))"; else echo "127.0.0.1:$((port + 10 + $1))"; fi; }

shared() {
  shared=(--redis "redis://hearth@127.0.0.1:$redis" --redis-password-file "$dir/secrets/redis-password"
    --secret-file "$dir/secrets/secret" --database "postgres://hearth@127.0.0.1:$sql/hearth?sslmode=disable"
    --database-password-file "$dir/secrets/database-password")
}

start_node() {
  runs "${nodes[$1]}" "$dir/hearth" --data "$dir/${nodes[$1]}" --listen "$(inside "$1")" --admin-listen "$(admin "$1")" \
    --public-url "$(url "$1")" ${proxy:+--trusted-proxy 127.0.0.0/8} "${shared[@]}"
  launch "${nodes[$1]}"
}

start_proxy() {
  cp "$here/Caddyfile" "$dir/Caddyfile"
  runs caddy env HOME="$dir" HEARTH_PUBLIC_URL="http://localhost:$port" HEARTH_NODES="$(inside 0) $(inside 1) $(inside 2)" \
    HEARTH_ADMIN_PORT=$((port + 10)) HEARTH_SORRY_PORT=$((port + 2)) caddy run --config "$dir/Caddyfile" --adapter caddyfile
  launch caddy
}

# start: one of them again, after it was killed
start_again() {
  cat >"$dir/start" <<'AGAIN'
#!/usr/bin/env bash
# start NAME: starts node1, node2, node3, redis or postgres again
set -m
cd "$(dirname "$0")" && [ -x "run-${1:-}" ] || { echo "start node1, node2, node3, redis or postgres" >&2; exit 1; }
"./run-$1" &
AGAIN
  chmod +x "$dir/start"
}

up() {
  local i out
  start_redis
  start_postgres
  ready redis 20 redis-cli -h 127.0.0.1 -p "$redis" ping
  ready postgres 20 ask_postgres -c 'SELECT 1'
  ask_postgres -c "CREATE ROLE hearth LOGIN PASSWORD '$(cat "$dir/secrets/database-password")'" -c 'CREATE DATABASE hearth OWNER hearth'
  shared
  out=$("$dir/hearth" circle 'Tuesday evening circle' --prompt 'What was a high of your week, and what was a low?' \
    --public-url "$(url 0)" "${shared[@]}") || say "No circle could be made."
  for i in 0 1 2; do start_node "$i"; done
  for i in 0 1 2; do ready "${nodes[$i]}" 30 answers "$(admin "$i")" /readyz; done
  if [ -n "$proxy" ]; then
    start_proxy
    ready caddy 20 answers "localhost:$port" /
  fi
  start_again
  link() { awk -v role="$1" '$1 == role { sub(/^.*#/, "", $2); print $2 }' <<<"$out"; }
  facilitator=$(link facilitator) member=$(link member) listener=$(link listener) moderator=$(link moderator)
}

# ---- telling

tell() {
  echo
  echo "Three nodes share one circle. Open these in two browsers, or in a window and a private one:"
  echo
  echo "  facilitator  $(url 0)/enter#$facilitator"
  echo "  member       $(url 1)/enter#$member"
  echo "  listener     $(url 2)/enter#$listener"
  echo "  moderator    $(url 0)/enter#$moderator"
  echo
  if [ -n "$proxy" ]; then
    echo "Who loses a node comes back on another by themselves."
  else
    echo "Any link works on any node: only the port differs. So does any page: with the port of another"
    echo "node in its address it is the same seat, there."
  fi
  echo
  local name i=0
  for name in "${nodes[@]}"; do
    printf '  %-10s http://%s/readyz   kill -9 %s\n' "$name" "$(admin $i)" "$(pid "$name")"
    i=$((i + 1))
  done
  printf '  %-10s port %-23s   kill -9 %s\n' redis "$redis" "$(pid redis)" postgres "$sql" "$(pid postgres)"
  echo
  echo "  kill NUMBER lets a node end well, kill -9 doesn't. To start one again:"
  echo "    $dir/start node3"
  echo "  To look into Redis, or to empty it with FLUSHALL:"
  echo "    REDISCLI_AUTH=\$(cat $dir/secrets/admin-token) redis-cli -p $redis --user operator --no-auth-warning"
  echo "  Logs: $dir/*.log"
  echo
  [ -n "$state" ] || echo "Stop with Ctrl-C."
}

tell_file() {
  local i comma=''
  {
    printf '{\n  "pid": %s,\n  "folder": "%s",\n  "start": "%s/start",\n  "nodes": [' "$$" "$dir" "$dir"
    for i in 0 1 2; do
      printf '%s\n    {"name": "%s", "url": "%s", "admin": "http://%s", "pid": %s, "log": "%s"}' "$comma" \
        "${nodes[$i]}" "$(url $i)" "$(admin $i)" "$(pid "${nodes[$i]}")" "$dir/${nodes[$i]}.log"
      comma=,
    done
    printf '\n  ],\n  "links": {'
    printf '\n    "%s": "%s",' facilitator "$(url 0)/enter#$facilitator" member "$(url 1)/enter#$member" listener "$(url 2)/enter#$listener"
    printf '\n    "moderator": "%s"\n  },' "$(url 0)/enter#$moderator"
    printf '\n  "redis": {"port": %s, "pid": %s},\n  "postgres": {"port": %s, "pid": %s}\n}\n' "$redis" "$(pid redis)" "$sql" "$(pid postgres)"
  } >"$state.new"
  mv "$state.new" "$state"
}

# watch says what has ended, until this script is told to.
watch() {
  local name gone=' '
  while [ -z "$with" ] || kill -0 "$with" 2>/dev/null; do
    for name in "${nodes[@]}" redis postgres; do
      if alive "$name"; then
        case $gone in *" $name "*) echo "$name is back: kill -9 $(pid "$name")" ;; esac
        gone=${gone/" $name "/ }
      else
        case $gone in *" $name "*) ;; *) echo "$name has ended. To start it again: $dir/start $name" && gone="$gone$name " ;; esac
      fi
    done
    sleep 1 &
    wait $! || true # so that a signal is heard at once
  done
}

# ---- in the background

background() {
  [ ! -e "$state" ] || say "$state is there already: stop that one first (--stop $state), or remove the file."
  : >"$state.log"
  set -m
  "$0" --inner --background "$state" --port "$port" ${proxy:+--proxy} ${with:+--with "$with"} >"$state.log" 2>&1 </dev/null &
  local child=$! end=$((SECONDS + 180))
  set +m
  trap 'kill $child 2>/dev/null || true; exit 1' INT TERM HUP
  until [ -e "$state" ]; do
    if ! kill -0 $child 2>/dev/null || [ $SECONDS -ge $end ]; then
      kill $child 2>/dev/null || true
      cat "$state.log" >&2
      rm -f "$state.log"
      exit 1
    fi
    sleep 0.1
  done
}

stop_it() {
  local p end=$((SECONDS + 60))
  [ -e "$stop" ] || say "There is no $stop: it has ended already."
  told() { sed -n "s/^  \"$1\": $2.*\$/\\1/p" "$stop"; }
  p=$(told pid '\([0-9]*\)')
  [ -n "$p" ] || say "$stop does not say who to stop."
  if ! args "$p" | grep -qF "$stop"; then # it was killed: what it left
    dir=$(told folder '"\(.*\)"') redis=$(told redis '{"port": \([0-9]*\)') state=$stop
    cleanup
  fi
  kill "$p"
  while [ -e "$stop" ]; do
    [ $SECONDS -lt $end ] || say "It does not end: see $stop.log."
    sleep 0.1
  done
  rm -f "$stop.log"
}

options "$@"
if [ -n "$stop" ]; then stop_it; exit; fi
if [ -n "$state" ] && [ -z "$inner" ]; then
  case $state in /*) ;; *) state=$PWD/$state ;; esac
  background
  exit
fi
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
needed
ports
build
up
tell
[ -z "$state" ] || tell_file
watch
