// Compiles Programs.sol to programs.json (code, input and name of each program): node build.mjs PATH-OF-node_modules, with solc from npm in it.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.resolve(process.argv[2] ?? '.', 'build.cjs'));
const solc = require('solc');
const here = path.dirname(new URL(import.meta.url).pathname);
const source = readFileSync(path.join(here, 'Programs.sol'), 'utf8');
const output = JSON.parse(solc.compile(JSON.stringify({
  language: 'Solidity',
  sources: { 'Programs.sol': { content: source } },
  settings: { optimizer: { enabled: true, runs: 200 }, evmVersion: 'cancun', metadata: { bytecodeHash: 'none' }, outputSelection: { '*': { '*': ['evm.deployedBytecode.object', 'evm.methodIdentifiers'] } } },
})));
const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
if (errors.length) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));

const work = {
  TokenProgram: { transfers: 300, mints: 1000, approvals: 1000 },
  ComputeProgram: { keccakChain: 2000, quicksort: 1000, matrix: 24, swaps: 500, bigNumbers: 300, strings: 500, sieve: 5000, encodings: 500 },
  StateProgram: { structs: 60, nested: 200, packing: 300, tries: 100, creations: 10 },
  MathProgram: { signed: 500, fixedPoint: 60, bits: 60, machine: 100 },
};
const programs = Object.entries(work).flatMap(([contract, functions]) => {
  const { deployedBytecode, methodIdentifiers } = output.contracts['Programs.sol'][contract].evm;
  return Object.entries(functions).map(([name, n]) => ({ name, code: '0x' + deployedBytecode.object, input: '0x' + methodIdentifiers[`${name}(uint256)`] + n.toString(16).padStart(64, '0') }));
});
writeFileSync(path.join(here, 'programs.json'), JSON.stringify(programs, null, 1) + '\n');
console.log(`${programs.length} programs, solc ${solc.version()}`);
