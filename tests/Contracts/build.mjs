// Compiles every contract of the repository with npm's solc: those beside this file, those that a network begins with, and each service's beside its code. What a contract compiles to lies
// in artifacts/ beside it. With --check: compares instead of writing.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, "..", "..");
const services = join(repository, "src", "Platform", "Services");
const require = createRequire(import.meta.url);
const checks = process.argv.includes("--check");

const folders = [here, join(repository, "networks", "contracts"), ...(existsSync(services) ? readdirSync(services, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => join(services, entry.name)) : [])];
const files = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".sol")).map((name) => join(folder, name)));
const unitOf = (file) => relative(repository, file).replaceAll("\\", "/");

const input = {
  language: "Solidity",
  sources: Object.fromEntries(files.map((file) => [unitOf(file), { content: readFileSync(file, "utf8") }])),
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    metadata: { bytecodeHash: "none", appendCBOR: false },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};
const findImport = (path) => ({ contents: readFileSync(require.resolve(path), "utf8") });
// An abstract contract compiles to nothing of its own.
const isWhole = (contract) => contract.evm.bytecode.object.length > 0;
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: findImport }));
const errors = (output.errors ?? []).filter((entry) => entry.severity === "error");
if (errors.length > 0) {
  console.error(errors.map((entry) => entry.formattedMessage).join("\n"));
  process.exit(1);
}

let stale = 0;
const report = (message) => {
  console.error(`${message}: run npm run build in tests/Contracts and commit the result`);
  stale++;
};
for (const folder of folders) {
  const sources = files.filter((file) => dirname(file) === folder);
  const artifacts = join(folder, "artifacts");
  if (sources.length > 0 && !checks) mkdirSync(artifacts, { recursive: true });
  const expected = new Set();
  for (const file of sources) {
    const name = file.slice(folder.length + 1, -".sol".length);
    const contract = output.contracts[unitOf(file)][name];
    if (!isWhole(contract)) continue;
    const text = JSON.stringify({ contractName: name, abi: contract.abi, bytecode: "0x" + contract.evm.bytecode.object }, null, 2) + "\n";
    const artifact = join(artifacts, `${name}.json`);
    expected.add(`${name}.json`);
    if (!checks) writeFileSync(artifact, text);
    else if (!existsSync(artifact) || readFileSync(artifact, "utf8") !== text) report(`${unitOf(artifact)} is not what ${unitOf(file)} compiles to`);
  }
  for (const left of existsSync(artifacts) ? readdirSync(artifacts).filter((name) => !expected.has(name)) : []) {
    if (checks) report(`${unitOf(join(artifacts, left))} has no source`);
    else rmSync(join(artifacts, left));
  }
}
process.exit(stale === 0 ? 0 : 1);
