#!/bin/sh
# Installs Lodestar, a consensus client from npm, with the programs beside the checkout that lead it (../shared/peers/pos-devnet), into .pos.
# Does nothing where those are absent: the tests that want them skip then.
set -eu
cd "$(dirname "$0")"
at=$PWD
while [ ! -d "$at/../shared/peers/pos-devnet" ]; do
  [ "$at" != / ] || { echo "no ../shared/peers/pos-devnet beside the checkout"; exit 0; }
  at=$(dirname "$at")
done
from=$at/../shared/peers/pos-devnet
mkdir -p .pos/consensus .pos/execution
for file in common.mjs driver.mjs devnet.mjs system-contracts.json consensus/genesis.mjs consensus/package.json consensus/package-lock.json execution/package.json; do
  cat "$from/$file" > ".pos/$file"
done
cd .pos/consensus
lib=node_modules/@chainsafe/lodestar/lib
[ -f node_modules/.installed ] && { cp ../../supervisor.mjs $lib/index.js; exit 0; }
npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
# The one native module, for the Node in use: a C++ compiler and Python are needed.
npm rebuild snappy --no-fund --no-audit --loglevel=error
# Under a supervisor, as operators run it: one that is killed comes back.
mv $lib/index.js $lib/lodestar.js
cp ../../supervisor.mjs $lib/index.js
touch node_modules/.installed
