// Times programs on hufu (`hufu bench evm`) and on anvil (revm, through long eth_calls), in turns:
//   node compare.mjs --hufu PATH --anvil PATH [--corpus DIR] [--solidity programs.json] [--loops] [--shapes] [--vectors DIR] [--engine interpreter|compiled] [--rounds 3] [--only REGEX]
// On anvil a driver contract calls the program as often as makes the call take about 3 ms, and the time of an empty call is taken off.
// Times are of the processor, not of the clock; the ratio is that of the least of all rounds on each side.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loops } from './loops.mjs';
import { shapes, vectors } from './shapes.mjs';
import { Peer, round3, summary, word } from './peer.mjs';

const { values: options } = parseArgs({ options: {
  hufu: { type: 'string' }, anvil: { type: 'string' }, corpus: { type: 'string' }, solidity: { type: 'string' }, loops: { type: 'boolean' }, shapes: { type: 'boolean' }, vectors: { type: 'string' },
  engine: { type: 'string', default: 'interpreter' }, rounds: { type: 'string', default: '3' }, only: { type: 'string' }, port: { type: 'string', default: '18500' }, target: { type: 'string', default: '3' },
} });

const GAS = '0x' + (2n ** 46n).toString(16);
const PROGRAM = '0x00000000000000000000000000000000c0de0001';
const DRIVER = '0x00000000000000000000000000000000c0de0002';
const EMPTY = '0x00000000000000000000000000000000c0de0003';
const CALLER = '0x1000000000000000000000000000000000000001';
// Calls the address in word 0 of its input as often as word 1 says, with the rest as input; reverts where a call fails.
const DRIVER_CODE = '0x60403603806040' + '5f37' + '602035' + '5b5f5f835f5f5f355af1' + '15602357' + '60019003' + '80600c57' + '00' + '5b5f5ffd';

function programs() {
  const list = [];
  if (options.corpus)
    for (const file of readdirSync(options.corpus).filter((name) => name.endsWith('.json')).sort()) {
      const { code, input, storage } = JSON.parse(readFileSync(path.join(options.corpus, file), 'utf8'));
      list.push({ set: 'corpus', name: file.slice(0, -5), code, input, storage });
    }
  if (options.solidity) for (const program of JSON.parse(readFileSync(options.solidity, 'utf8'))) list.push({ set: 'solidity', ...program });
  if (options.loops) for (const program of loops()) list.push({ set: 'loop', ...program });
  if (options.shapes) for (const program of shapes()) list.push({ set: 'shape', ...program });
  if (options.vectors) for (const program of vectors(options.vectors)) list.push({ set: 'vector', ...program });
  return options.only ? list.filter(({ name }) => new RegExp(options.only).test(name)) : list;
}

const folder = mkdtempSync(path.join(tmpdir(), 'hufu-compare-'));

// The least processor time of a run, in milliseconds; the run's output to compare. Precompiles do their work each time, also where a loop repeats it.
function onHufu(program, repeat) {
  writeFileSync(path.join(folder, 'code'), program.code);
  writeFileSync(path.join(folder, 'input'), program.input);
  const storage = Object.entries(program.storage ?? {}).map(([slot, value]) => `${slot}=${value}`).join(',');
  const line = execFileSync(options.hufu, ['bench', 'evm', '--code', '@' + path.join(folder, 'code'), '--input', '@' + path.join(folder, 'input'), '--repeat', String(repeat), '--engine', options.engine, ...(storage ? ['--storage', storage] : [])], { maxBuffer: 1 << 26, env: { ...process.env, HUFU_MEMO: 'off' } });
  const result = JSON.parse(line);
  return { ms: Math.min(...result.cpu_ns) / 1e6, output: '0x' + result.output, compile: result.compile_ns / 1e6 };
}

const port = Number(options.port);
const anvil = new Peer('anvil', port, options.anvil, ['--port', String(port), '--silent', '--gas-limit', String(2n ** 46n), '--disable-code-size-limit', '--hardfork', 'osaka']);

const call = (to, data) => anvil.ask('eth_call', { from: CALLER, to, data, gas: GAS }, 'latest');
const time = (to, data) => anvil.timed(() => call(to, data));

try {
  await anvil.ready();
  await anvil.place(DRIVER, DRIVER_CODE);
  await anvil.place(EMPTY, '0x00');
  const ratios = {};
  for (const program of programs()) {
    try {
      await anvil.place(PROGRAM, program.code, program.storage);
      const input = program.input.replace(/^0x/, '');
      const output = await call(PROGRAM, '0x' + input);
      const once = Math.max(0.005, await least(5, () => time(PROGRAM, '0x' + input)) - await least(5, () => time(EMPTY, '0x')));
      const times = Math.min(3000, Math.max(1, Math.ceil(Number(options.target) / once)));
      const data = '0x' + word(PROGRAM) + word(times) + input;
      const best = { hufu: Infinity, anvil: Infinity, empty: Infinity };
      let same = true;
      for (let round = 0; round < Number(options.rounds); round++) {
        const run = onHufu(program, Math.min(options.engine === 'compiled' ? 400 : 100, times + 5));
        best.hufu = Math.min(best.hufu, run.ms);
        same &&= run.output === output;
        for (let i = 0; i < 6; i++) {
          best.anvil = Math.min(best.anvil, await time(DRIVER, data));
          best.empty = Math.min(best.empty, await time(EMPTY, '0x'));
        }
      }
      const revm = (best.anvil - best.empty) / times;
      const ratio = best.hufu / revm;
      (ratios[program.set] ??= []).push({ name: program.name, ratio });
      console.log(JSON.stringify({ set: program.set, name: program.name, hufu_us: round3(best.hufu * 1e3), revm_us: round3(revm * 1e3), ratio: round3(ratio), same }));
    } catch (error) {
      console.log(JSON.stringify({ set: program.set, name: program.name, error: error.message.slice(0, 200) }));
    }
  }
  for (const [set, list] of Object.entries(ratios)) {
    console.log(JSON.stringify({ set, programs: list.length, engine: options.engine, ...summary(list) }));
  }
} catch (error) {
  console.error(error);
}
process.exit();

async function least(count, measure) {
  let best = Infinity;
  for (let i = 0; i < count; i++) best = Math.min(best, await measure());
  return best;
}
