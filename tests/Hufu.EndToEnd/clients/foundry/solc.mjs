#!/usr/bin/env node
// npm's solc behind the three calls that forge makes of a native compiler.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace(/\.Emscripten.*/, ".Linux.g++")}`);
} else {
  const require = createRequire(import.meta.url);
  const here = dirname(fileURLToPath(import.meta.url));
  const read = (path) => {
    for (const file of [path, join(process.cwd(), path), join(here, path)]) {
      try { return { contents: readFileSync(file, "utf8") }; } catch { /* the next place */ }
    }
    try { return { contents: readFileSync(require.resolve(path), "utf8") }; } catch (error) { return { error: error.message }; }
  };
  process.stdout.write(solc.compile(readFileSync(0, "utf8"), { import: read }));
}
