# shellcheck shell=bash
# A private PostgreSQL for one run of the tests: its own folder, port, password and user. It never touches a server
# that is already on the machine, and stop_postgres leaves nothing behind. Source common.sh first.

PG_DIR=
PG_BIN=
PG_USER=

# Sets PG_BIN to the folder of initdb, pg_ctl and postgres, the newest if there are several.
find_postgres() {
  local found
  found=$(find /usr/lib/postgresql -maxdepth 3 -name initdb 2>/dev/null | sort -V | tail -n 1)
  if [[ -z $found ]] && command -v initdb >/dev/null; then found=$(readlink -f "$(command -v initdb)"); fi
  [[ -n $found ]] || return 1
  PG_BIN=$(dirname "$found")
  [[ -x $PG_BIN/pg_ctl && -x $PG_BIN/postgres ]] && command -v psql >/dev/null
}

# PostgreSQL refuses to run as root, so root lends it another user.
choose_postgres_user() {
  PG_USER=$(id -un)
  ((EUID == 0)) || return 0
  PG_USER=postgres
  if ! id "$PG_USER" >/dev/null 2>&1; then
    PG_USER=stentor-test
    id "$PG_USER" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$PG_USER"
  fi
}

as_postgres() {
  if ((EUID == 0)); then
    (cd "$PG_DIR" && runuser -u "$PG_USER" -- env -u TMPDIR HOME="$PG_DIR" LC_ALL=C "$@")
  else
    (cd "$PG_DIR" && env HOME="$PG_DIR" LC_ALL=C "$@")
  fi
}

# A folder that PG_USER can reach (a TMPDIR below /root is none) and whose name is short enough for a socket.
make_postgres_folder() {
  local parent
  for parent in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
    ((${#parent} < 60)) || continue
    PG_DIR=$(mktemp -d "$parent/stentor-pg.XXXXXX" 2>/dev/null) || continue
    if ((EUID == 0)); then chown "$PG_USER" "$PG_DIR"; fi
    if as_postgres test -w "$PG_DIR" 2>/dev/null; then return 0; fi
    rm -rf "$PG_DIR"
  done
  PG_DIR=
  die 'found no folder for a temporary PostgreSQL'
}

init_postgres() {
  local password=$1 collation=()
  # A linguistic collation, as most real databases have: what relies on byte order must say COLLATE "C" itself.
  if "$PG_BIN/initdb" --help | grep -q -- --icu-locale; then collation=(--locale-provider=icu --icu-locale=en); fi
  printf '%s\n' "$password" >"$PG_DIR/password"
  if ((EUID == 0)); then chown "$PG_USER" "$PG_DIR/password"; fi
  as_postgres "$PG_BIN/initdb" --pgdata="$PG_DIR/data" --username=stentor --pwfile="$PG_DIR/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 "${collation[@]}" >"$PG_DIR/initdb.log" 2>&1 \
    || { cat "$PG_DIR/initdb.log" >&2; die 'initdb failed'; }
  cat >>"$PG_DIR/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$PG_DIR'
max_connections = 300
fsync = on
synchronous_commit = on
full_page_writes = on
log_min_messages = warning
CONF
}

# Starts it and exports STENTOR_TEST_POSTGRES. Each test binary creates databases of its own inside.
start_postgres() {
  if ! find_postgres; then
    apt_install postgresql
    find_postgres || die 'PostgreSQL is installed, but initdb, pg_ctl or psql is not to be found'
  fi
  choose_postgres_user
  make_postgres_folder
  local password port='' tried
  password=$(od -An -tx8 -N16 /dev/urandom | tr -d ' \n')
  init_postgres "$password"
  # Another process may take the port between the look and the start, so a few are tried.
  for tried in 1 2 3 4 5; do
    port=$(free_port)
    if as_postgres "$PG_BIN/pg_ctl" start --wait --silent --timeout=60 --pgdata="$PG_DIR/data" \
      --log="$PG_DIR/server.log" --options="-p $port"; then break; fi
    ((tried < 5)) || { cat "$PG_DIR/server.log" >&2; die 'PostgreSQL did not start'; }
  done
  export STENTOR_TEST_POSTGRES="postgres://stentor:$password@127.0.0.1:$port/postgres"
  local seen
  seen=$(psql --no-psqlrc --tuples-only --no-align --dbname="$STENTOR_TEST_POSTGRES" \
    --command='show data_directory' --command='show fsync')
  [[ $seen == "$PG_DIR/data"$'\n'on ]] || die "the server on port $port is not ours: $seen"
  say "PostgreSQL: $("$PG_BIN/postgres" --version) on 127.0.0.1:$port, data in $PG_DIR"
}

stop_postgres() {
  [[ -n $PG_DIR ]] || return 0
  if [[ -f $PG_DIR/data/postmaster.pid ]]; then
    as_postgres "$PG_BIN/pg_ctl" stop --silent --mode=immediate --pgdata="$PG_DIR/data" || true
  fi
  rm -rf "$PG_DIR"
  PG_DIR=
}
