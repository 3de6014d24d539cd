// Compiles the contracts beside this file with npm's solc into artifacts/. With --check: compares instead of writing.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const names = readdirSync(here).filter((name) => name.endsWith(".sol"));

const input = {
  language: "Solidity",
  sources: Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(here, name), "utf8") }])),
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};
const findImport = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") });
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport }));
const errors = (output.errors ?? []).filter((entry) => entry.severity === "error");
if (errors.length > 0) {
  console.error(errors.map((entry) => entry.formattedMessage).join("\n"));
  process.exit(1);
}

const folder = join(here, "artifacts");
mkdirSync(folder, { recursive: true });
let stale = 0;
for (const source of names) {
  const name = source.slice(0, -".sol".length);
  const contract = output.contracts[source][name];
  const text = JSON.stringify({ contractName: name, abi: contract.abi, bytecode: "0x" + contract.evm.bytecode.object }, null, 2) + "\n";
  const file = join(folder, `${name}.json`);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${file} is not what ${source} compiles to: run npm run build in tests/Contracts and commit the result`);
    stale++;
  }
}
process.exit(stale === 0 ? 0 : 1);
