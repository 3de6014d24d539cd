#!/bin/sh
# Installs the pinned packages of package-lock.json, nothing globally. Hardhat 3 and Foundry want Node 22: where the
# machine's Node is older, a packaged one is fetched for them alone.
set -eu
cd "$(dirname "$0")"
command -v node >/dev/null || { echo "Node.js 20.19 or newer is needed for the end-to-end tests" >&2; exit 1; }
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 22 ]; then
  case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) echo "use Node 22 or newer" >&2; exit 1 ;; esac
  [ -x ".node/node_modules/node-linux-$arch/bin/node" ] ||
    npm install --silent --prefix .node --no-save --no-fund --no-audit "node-linux-$arch@24.21.0"
  PATH="$PWD/.node/node_modules/node-linux-$arch/bin:$PATH"
  export PATH
fi
# Not `npm ci`: it refuses a lock file without the packages of platforms that the registry copy in use does not hold.
npm install --no-save --no-fund --no-audit --loglevel=error
