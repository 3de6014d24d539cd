// Times the compute benchmarks of execution-spec-tests on hufu and on anvil (revm), in turns:
//   node fixtures.mjs --hufu PATH --anvil PATH --fixtures DIR [--gas 10M] [--fork osaka|prague] [--engine interpreter|compiled] [--rounds 3] [--only REGEX]
// A few tests lay out their state in a transaction of more gas than Osaka allows: they run with the rules of Prague. DIR is an unpacked `benchmark.zip` (folders of blockchain tests). Both nodes get a test's state and first blocks; the transactions of its last block then run
// as eth_calls. Times are of the processor, of all threads of a node; an empty call's time is taken off; the ratio is that of the least on each side.
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Peer, round3, summary } from './peer.mjs';

const { values: options } = parseArgs({ options: {
  hufu: { type: 'string' }, anvil: { type: 'string' }, fixtures: { type: 'string' }, gas: { type: 'string', default: '10M' }, fork: { type: 'string', default: 'osaka' },
  engine: { type: 'string', default: 'interpreter' }, rounds: { type: 'string', default: '3' }, only: { type: 'string' }, port: { type: 'string', default: '18510' },
} });

const port = Number(options.port);
const GAS = String(2n ** 46n);

class Node extends Peer {
  async prepare(test) {
    this.clean ??= await this.ask('evm_snapshot');
    await this.ask('evm_revert', this.clean);
    this.clean = await this.ask('evm_snapshot');
    for (const [address, { balance, nonce, code, storage }] of Object.entries(test.pre)) {
      await this.ask('anvil_setBalance', address, balance);
      if (BigInt(nonce) > 0n) await this.ask('anvil_setNonce', address, nonce);
      if (code !== '0x') await this.place(address, code, storage);
    }
    for (const block of test.blocks.slice(0, -1)) {
      await this.ask('anvil_setNextBlockBaseFeePerGas', '0x7');
      const hashes = [];
      for (const raw of rawTransactions(block)) hashes.push(await this.ask('eth_sendRawTransaction', raw));
      for (const hash of hashes) if ((await this.receipt(hash))?.status !== '0x1') throw new Error(`${this.name}: a transaction of the first blocks failed`);
    }
  }

  // Making a state of thousands of accounts takes a while.
  async receipt(hash) {
    for (let tries = 0; ; tries++) {
      const receipt = await this.ask('eth_getTransactionReceipt', hash);
      if (receipt || tries > 1200) return receipt;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  // Processor time of a call in milliseconds, and what came back.
  async time(call) {
    let output;
    const ms = await this.timed(async () => {
      try { output = await this.ask('eth_call', call, 'latest'); } catch (error) {
        if (!error.isRefusal) throw error;
        output = 'failed';
      }
    });
    return { ms, output };
  }
}

function* tests() {
  for (const file of readdirSync(options.fixtures, { recursive: true }).filter((name) => name.endsWith('.json') && !name.includes('.meta')).sort())
    for (const [name, test] of Object.entries(JSON.parse(readFileSync(path.join(options.fixtures, file), 'utf8')))) {
      if (!name.includes(`_${options.gas}]`) && !name.includes(`_${options.gas}-`)) continue;
      const short = name.replace(/^.*::test_/, '').replace(/fork_\w+-blockchain_test-?/, '').replace(/-?benchmark(-gas-value)?_\w+/, '').replace('[]', '');
      if (!options.only || new RegExp(options.only).test(short)) yield { name: short, test };
    }
}

// The transactions of a block as they were sent: an item of the block's second list, or the content of one that is a string.
function rawTransactions(block) {
  const bytes = Buffer.from(block.rlp.slice(2), 'hex');
  const item = (at) => {
    const first = bytes[at];
    if (first < 0x80) return { start: at, content: at, end: at + 1, list: false };
    const list = first >= 0xc0, short = first - (list ? 0xc0 : 0x80);
    const sizes = short > 55 ? short - 55 : 0, length = sizes ? bytes.readUIntBE(at + 1, sizes) : short;
    return { start: at, content: at + 1 + sizes, end: at + 1 + sizes + length, list };
  };
  const raw = [], list = item(item(item(0).content).end);
  for (let at = list.content; at < list.end;) {
    const one = item(at);
    raw.push('0x' + bytes.subarray(one.list ? one.start : one.content, one.end).toString('hex'));
    at = one.end;
  }
  return raw;
}

function calls(block) {
  return block.transactions.map((one) => ({
    from: one.sender, ...(one.to && one.to !== '0x' ? { to: one.to } : {}), data: one.data, gas: one.gasLimit, value: '0x' + BigInt(one.value).toString(16),
    ...(one.accessList ? { accessList: one.accessList } : {}),
    ...(one.blobVersionedHashes?.length ? { blobVersionedHashes: one.blobVersionedHashes, maxFeePerBlobGas: '0x64' } : {}),
  }));
}

// A development chain has the newest rules; older ones come from a genesis file.
function genesis() {
  if (options.fork === 'osaka') return ['--chain-id', '1'];
  const blocks = ['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg', 'istanbul', 'berlin', 'london'].map((name) => [name + 'Block', 0]);
  const config = { chainId: 1, ...Object.fromEntries(blocks), terminalTotalDifficulty: 0, shanghaiTime: 0, cancunTime: 0, pragueTime: 0 };
  const file = path.join(data, 'genesis.json');
  writeFileSync(file, JSON.stringify({ config, difficulty: '0x0', gasLimit: '0x' + BigInt(GAS).toString(16), timestamp: '0x0', extraData: '0x', alloc: {} }));
  return ['--genesis', file];
}

const data = mkdtempSync(path.join(tmpdir(), 'hufu-fixtures-'));
const anvil = new Node('anvil', port, options.anvil, ['--port', String(port), '--silent', '--chain-id', '1', '--gas-limit', GAS, '--disable-code-size-limit', '--hardfork', options.fork]);
const hufu = new Node('hufu', port + 1, options.hufu, ['up', '--rpc-port', String(port + 1), ...genesis(), '--gas-limit', GAS, '--no-services', '--dev', '--data', path.join(data, 'chain'), '--json'], { HUFU_ENGINE: options.engine });

await Promise.all([anvil.ready(), hufu.ready()]);
const ratios = [];
const nothing = { from: '0x1000000000000000000000000000000000000001', to: '0x1000000000000000000000000000000000000002', gas: '0x5208' };
for (const { name, test } of tests()) {
  try {
    const block = test.blocks.at(-1);
    if (block.transactions.length === 0) continue;
    for (const peer of [anvil, hufu]) await peer.prepare(test);
    let sums = { anvil: 0, hufu: 0 }, same = true, gas = 0n;
    for (const call of calls(block).slice(0, 3)) {
      const best = { anvil: Infinity, hufu: Infinity, anvilEmpty: Infinity, hufuEmpty: Infinity }, outputs = {};
      for (let round = 0; round < Number(options.rounds) + 2; round++)
        for (const peer of [anvil, hufu]) {
          const { ms, output } = await peer.time(call);
          best[peer.name] = Math.min(best[peer.name], ms);
          best[peer.name + 'Empty'] = Math.min(best[peer.name + 'Empty'], (await peer.time(nothing)).ms);
          outputs[peer.name] = output;
        }
      same &&= outputs.anvil === outputs.hufu;
      gas += BigInt(call.gas);
      for (const peer of ['anvil', 'hufu']) sums[peer] += Math.max(0.001, best[peer] - best[peer + 'Empty']);
    }
    const ratio = sums.hufu / sums.anvil;
    ratios.push({ name, ratio });
    console.log(JSON.stringify({ name, gas: Number(gas), hufu_ms: round3(sums.hufu), revm_ms: round3(sums.anvil), hufu_ns_per_gas: round3(sums.hufu * 1e6 / Number(gas)), ratio: round3(ratio), same }));
  } catch (error) {
    console.log(JSON.stringify({ name, error: error.message.slice(0, 200) }));
  }
}
if (ratios.length === 0) process.exit(1);
console.log(JSON.stringify({ tests: ratios.length, gas: options.gas, engine: options.engine, ...summary(ratios) }));
process.exit();
