// Hufu and @ethereumjs/client in one network: each syncs from the other, and transactions travel both ways.
//   unshare -rn sh -c 'ip link set lo up && node ethereumjs.mjs HUFU.DLL FOLDER'
// With "snap" behind it: the other fetches Hufu's state by snap/1, instead of executing the past. It serves none itself.
// A network namespace, because @ethereumjs/client listens on all addresses of the machine.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [hufuDll, folder, mode] = process.argv.slice(2);
const isSnap = mode === 'snap';
mkdirSync(folder, { recursive: true });
const children = [];
process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const fail = (why) => { console.error(why); process.exit(1); };

function start(name, command, args) {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  child.output = '';
  child.stdout.on('data', (text) => { child.output += text; });
  child.stderr.on('data', (text) => { child.output += text; });
  child.on('exit', (code) => { if (!child.ending) fail(`${name} ended with ${code}:\n${child.output.slice(-4000)}`); });
  children.push(child);
  return child;
}

async function until(what, condition, seconds = 90) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    try { const found = await condition(); if (found) { console.log(`ok ${what}`); return found; } } catch { /* not yet */ }
  }
  fail(`${what}: not within ${seconds} s\n${children.map((child) => child.output.slice(-3000)).join('\n----\n')}`);
}

let id = 0;
async function call(port, method, ...params) {
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }) });
  const answer = await response.json();
  if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

// Shanghai from the first block on: a fork that both know well.
const rich = ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266', '0x70997970c51812dc3a010c7d01b50e0d17dc79c8'];
const genesis = {
  config: {
    chainId: 31337, homesteadBlock: 0, eip150Block: 0, eip155Block: 0, eip158Block: 0, byzantiumBlock: 0, constantinopleBlock: 0, petersburgBlock: 0, istanbulBlock: 0, berlinBlock: 0, londonBlock: 0,
    terminalTotalDifficulty: 0, terminalTotalDifficultyPassed: true, shanghaiTime: 0,
  },
  nonce: '0x0', timestamp: '0x6553f100', extraData: '0x', gasLimit: '0x1c9c380', difficulty: '0x0', baseFeePerGas: '0x3b9aca00',
  mixHash: '0x' + '00'.repeat(32), coinbase: '0x' + '00'.repeat(20),
  alloc: Object.fromEntries(rich.map((address) => [address, { balance: '0x21e19e0c9bab2400000' }])),
};
// Enough accounts, slots and codes for several answers each.
const hex = (number, digits) => number.toString(16).padStart(digits, '0');
const large = '0x00000000000000000000000000000000000c0de0';
if (isSnap) {
  for (let i = 0; i < 1000; i++) genesis.alloc['0x' + hex(0x100000 + i, 40)] = { balance: '0x' + (i + 1).toString(16) };
  genesis.alloc[large] = { balance: '0x0', code: '0x600035600055', storage: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => ['0x' + hex(i + 1, 64), '0x' + hex((i + 1) * 7, 64)])) };
  for (let i = 0; i < 20; i++) genesis.alloc['0x' + hex(0xc00000 + i, 40)] = { balance: '0x1', code: '0x60' + hex(i, 2), storage: { ['0x' + hex(1, 64)]: '0x' + hex(i + 1, 64) } };
}
const genesisFile = join(folder, 'genesis.json');
writeFileSync(genesisFile, JSON.stringify(genesis));

// A chain of Hufu with some history.
const leader = start('hufu up', 'dotnet', [hufuDll, 'up', '--data', join(folder, 'leader'), '--genesis', genesisFile, '--rpc-port', '18545', '--p2p-port', '30401', '--json']);
await until('hufu up answers', () => call(18545, 'eth_chainId'));
const send = (port, nonce) => call(port, 'eth_sendTransaction', { from: rich[0], to: rich[1], value: '0x1', nonce: `0x${nonce.toString(16)}`, gas: '0x5208' });
for (let nonce = 0; nonce < 40; nonce++) await send(18545, nonce);
const enode = (await call(18545, 'admin_nodeInfo')).enode;
const head = () => call(18545, 'eth_getBlockByNumber', 'latest', false);

// The other implementation, led by the script as a consensus client would lead it.
const cli = join(dirname(createRequire(import.meta.url).resolve('@ethereumjs/client')), '..', 'bin', 'cli.js');
const ethereumjs = start('ethereumjs', 'node', [cli, '--gethGenesis', genesisFile, '--dataDir', join(folder, 'ethereumjs'), '--bootnodes', enode, '--discV4=true', '--discDns=false', '--port', '30402', '--extIP', '127.0.0.1',
  '--rpc', '--rpcPort', '18546', '--rpcAddr', '127.0.0.1', '--rpcEngine', '--rpcEnginePort', '18547', '--rpcEngineAuth=false', '--logLevel', process.env.LOGLEVEL ?? 'info', '--logFile', join(folder, 'ethereumjs.log'), '--saveReceipts', ...(isSnap ? ['--snap'] : [])]);
await until('@ethereumjs/client answers', () => call(18546, 'eth_chainId'));
if ((await call(18546, 'eth_getBlockByNumber', '0x0', false)).hash !== (await call(18545, 'eth_getBlockByNumber', '0x0', false)).hash) fail('the two disagree on the genesis block');
await until('they are connected', async () => (await call(18545, 'admin_peers')).some((peer) => /ethereumjs/i.test(peer.name)));

async function lead() {
  const block = await call(18545, 'eth_getBlockByNumber', 'latest', false);
  const raw = await Promise.all(block.transactions.map((hash) => call(18545, 'eth_getRawTransactionByHash', hash)));
  const payload = {
    parentHash: block.parentHash, feeRecipient: block.miner, stateRoot: block.stateRoot, receiptsRoot: block.receiptsRoot, logsBloom: block.logsBloom, prevRandao: block.mixHash, blockNumber: block.number,
    gasLimit: block.gasLimit, gasUsed: block.gasUsed, timestamp: block.timestamp, extraData: block.extraData, baseFeePerGas: block.baseFeePerGas, blockHash: block.hash, transactions: raw, withdrawals: block.withdrawals ?? [],
  };
  const said = await call(18547, 'engine_newPayloadV2', payload);
  const chosen = await call(18547, 'engine_forkchoiceUpdatedV2', { headBlockHash: block.hash, safeBlockHash: block.hash, finalizedBlockHash: '0x' + '00'.repeat(32) }, null);
  if (!isSnap && (said.status === 'INVALID' || chosen.payloadStatus.status === 'INVALID')) fail(`${JSON.stringify(said)} ${JSON.stringify(chosen)}`);
  return block;
}

if (isSnap) {
  // It compares the root of what it fetched with the block's before it says so. While it fetches, it answers its driver with errors of its own.
  await until('@ethereumjs/client has fetched the state of Hufu', async () => { await lead(); await sleep(1500); return ethereumjs.output.includes('snapsync complete'); }, 240);
  for (const child of children) child.ending = true;
  console.log('VERDICT ok');
  process.exit(0);
}

await until('@ethereumjs/client syncs from Hufu', async () => { const block = await lead(); return (await call(18546, 'eth_getBlockByNumber', 'latest', false)).hash === block.hash; });

// A second Hufu knows the other implementation alone.
const other = (await call(18546, 'admin_nodeInfo')).enode.replace('0.0.0.0', '127.0.0.1').replace('[::]', '127.0.0.1');
start('hufu node', 'dotnet', [hufuDll, 'node', '--consensus', 'follow', '--genesis', genesisFile, '--data', join(folder, 'follower'), '--rpc-port', '18548', '--p2p-port', '30403', '--no-discovery', '--static-peers', other, '--json']);
await until('hufu node answers', () => call(18548, 'eth_chainId'));
await until('Hufu syncs from @ethereumjs/client', async () => { await lead(); return (await call(18548, 'eth_getBlockByNumber', 'latest', false)).hash === (await head()).hash; });

// A transaction given to the follower reaches the leader through the other implementation, and its block comes back.
const nonce = Number(await call(18545, 'eth_getTransactionCount', rich[0], 'latest'));
const signed = await call(18545, 'eth_signTransaction', { from: rich[0], to: rich[1], value: '0x2', nonce: `0x${nonce.toString(16)}`, gas: '0x5208', maxFeePerGas: '0x2540be400', maxPriorityFeePerGas: '0x3b9aca00' });
const hash = await call(18548, 'eth_sendRawTransaction', signed.raw ?? signed);
await until('a transaction travels Hufu -> @ethereumjs/client -> Hufu', () => call(18545, 'eth_getTransactionReceipt', hash));
await until('its block comes back the same way', async () => { await lead(); return call(18548, 'eth_getTransactionReceipt', hash); });
for (const child of children) child.ending = true;
console.log('VERDICT ok');
process.exit(0);
