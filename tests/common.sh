# shellcheck shell=bash
# What the test scripts share: stages with their time and a summary, and installing what a bare machine lacks.
# It knows nothing of what is tested.

shopt -s inherit_errexit    # strict mode also holds inside $(…)
export DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
TOOLS=$TARGET/tools    # virtual environments and tools, kept between runs

if [[ -n ${TMPDIR:-} ]]; then mkdir -p "$TMPDIR"; fi

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# --- stages ---------------------------------------------------------------------------------------------------------

STAGE_LINES=()
STAGES_PASSED=0
STAGES_FAILED=0

# stage NAME COMMAND…: runs the command in a subshell under strict mode, notes result and time, and goes on either way.
stage() {
  local name=$1 start=$SECONDS code
  shift
  printf '\n== %s\n' "$name"
  set +e    # not "if (…)": that would switch strict mode off inside the stage
  ( set -euo pipefail; "$@" )
  code=$?
  set -e
  local took=$((SECONDS - start)) verdict=passed
  if ((code == 0)); then
    STAGES_PASSED=$((STAGES_PASSED + 1))
  else
    STAGES_FAILED=$((STAGES_FAILED + 1))
    verdict="FAILED ($code)"
  fi
  STAGE_LINES+=("$(printf '%-32s %-12s %4d s' "$name" "$verdict" "$took")")
  printf '== %s: %s in %d s\n' "$name" "$verdict" "$took"
}

# Prints the table of stages; its status is 0 only if there was a stage and every one passed.
summary() {
  printf '\n'
  if ((${#STAGE_LINES[@]})); then printf '%s\n' "${STAGE_LINES[@]}"; fi
  printf '%d passed, %d failed\n' "$STAGES_PASSED" "$STAGES_FAILED"
  ((STAGES_FAILED == 0 && STAGES_PASSED > 0))
}

# --- what a bare machine lacks --------------------------------------------------------------------------------------

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

# apt_install PACKAGE…: installs without starting the services that the packages bring.
apt_install() {
  command -v apt-get >/dev/null || die "please install: $* (this machine has no apt-get)"
  if ((EUID != 0)) && ! sudo -n true 2>/dev/null; then die "please install as root: apt-get install $*"; fi
  say "installing $*"
  local rc=/usr/sbin/policy-rc.d made=
  if [[ ! -e $rc ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$rc" >/dev/null
    as_root chmod 755 "$rc"
    made=yes
  fi
  local code=0
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq \
    && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } || code=$?
  if [[ -n $made ]]; then as_root rm -f "$rc"; fi
  ((code == 0)) || die "apt-get could not install $*"
}

need_python() {
  if ! command -v python3 >/dev/null || ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    apt_install python3 python3-venv
  fi
}

# The broker that scenarios send the event stream to.
need_nats() {
  if [[ -z ${STENTOR_TEST_NATS:-} && ! -x /usr/sbin/nats-server ]] && ! command -v nats-server >/dev/null; then
    apt_install nats-server
  fi
}

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || apt_install nodejs npm
  command -v openssl >/dev/null || apt_install openssl
}

# node_modules PACKAGE: the packages that it names; prints their folder. Made anew when it changes.
node_modules() {
  local package=$1 folder=$TOOLS/node
  if ! cmp -s "$package" "$folder/made-from"; then
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$package" "$folder/package.json"
    (cd "$folder" && npm install --silent --no-package-lock --no-audit --no-fund >&2) || die "npm could not install $package"
    cp "$package" "$folder/made-from"
  fi
  printf '%s\n' "$folder/node_modules"
}

# venv NAME REQUIREMENTS: a virtual environment with exactly those packages; prints its folder.
# It is made anew when the requirements change.
venv() {
  local name=$1 requirements=$2 folder=$TOOLS/$1
  if ! cmp -s "$requirements" "$folder/made-from"; then
    need_python >&2
    rm -rf "$folder"
    mkdir -p "$TOOLS"
    python3 -m venv "$folder" >&2
    "$folder/bin/pip" install --quiet --requirement "$requirements" >&2 || die "pip could not install $requirements"
    cp "$requirements" "$folder/made-from"
  fi
  printf '%s\n' "$folder"
}

# A TCP port of the loopback that was free a moment ago.
free_port() {
  need_python >&2
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Generates Python stubs of the API into a folder that it makes.
python_stubs() {
  local python=$1 into=$2 protos
  mkdir "$into"
  # google/rpc comes with grpcio-status; generating it again would register the same messages twice.
  mapfile -t protos < <(cd "$ROOT/proto" && find . -name '*.proto' -not -path './google/*' -printf '%P\n' | sort)
  ((${#protos[@]} > 0)) || die 'found no protos'
  (cd "$ROOT/proto" &&
    "$python" -m grpc_tools.protoc --proto_path=. --python_out="$into" --grpc_python_out="$into" "${protos[@]}")
  say "generated stubs from ${#protos[@]} protos"
}
