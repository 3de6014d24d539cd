// Two Hufu nodes and the discv5 of Lodestar (@chainsafe/discv5), which knows no discv4: it finds the first, is asked by the second, and so the two meet.
//   node discv5.mjs HUFU.DLL FOLDER
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { Discv5 } from '@chainsafe/discv5';
import { SignableENR } from '@chainsafe/enr';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { multiaddr } from '@multiformats/multiaddr';

const [hufuDll, folder] = process.argv.slice(2);
const children = [];
process.on('exit', () => { for (const child of children) child.kill('SIGKILL'); });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const fail = (why) => { console.error(why); for (const child of children) console.error(child.output.slice(-2000)); process.exit(1); };

function hufu(args) {
  const child = spawn('dotnet', [hufuDll, ...args, '--rpc-port', '0', '--p2p-port', '0', '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.output = '';
  const ready = new Promise((done) => child.stdout.on('data', (text) => {
    child.output += text;
    if (child.output.includes('\n')) done(JSON.parse(child.output.slice(0, child.output.indexOf('\n'))));
  }));
  child.stderr.on('data', (text) => { child.output += text; });
  child.on('exit', (code) => fail(`hufu ended with ${code}`));
  children.push(child);
  return ready;
}

async function until(what, condition, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    const found = await condition();
    if (found) { console.log(`ok ${what}`); return found; }
  }
  fail(`${what}: not within ${seconds} s`);
}

async function call(url, method, ...params) {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  return (await response.json()).result;
}

const freePort = () => new Promise((done) => { const socket = createSocket('udp4'); socket.bind(0, '127.0.0.1', () => { const { port } = socket.address(); socket.close(() => done(port)); }); });

// Discv5 alone: without an enode of anybody, only its record leads there.
const first = await hufu(['up', '--data', join(folder, 'first'), '--no-services']);
const record = (await call(first.rpc, 'admin_nodeInfo')).enr;

const port = await freePort();
const privateKey = await generateKeyPair('secp256k1');
const own = SignableENR.createFromPrivateKey(privateKey);
own.ip = '127.0.0.1';
own.udp = port;
const discv5 = Discv5.create({ enr: own, privateKey, bindAddrs: { ip4: multiaddr(`/ip4/127.0.0.1/udp/${port}`) }, config: { enrUpdate: false } });
await discv5.start();
discv5.addEnr(record);
const { ENR } = await import('@chainsafe/enr');
const hufuEnr = ENR.decodeTxt(record);

const known = await discv5.sendFindNode(hufuEnr, [0]);
console.log(`ok its record, asked for: ${known[0]?.nodeId === hufuEnr.nodeId}`);
await until('the first node is connected for Lodestar', () => discv5.connectedPeers.has(hufuEnr.nodeId) && discv5.kadValues().some((enr) => enr.nodeId === hufuEnr.nodeId));
const pong = await discv5.sendPing(hufuEnr);
console.log(`ok ping: seen at ${JSON.stringify(pong.addr?.port ?? pong)}`);
const answer = await discv5.sendTalkReq(hufuEnr, Buffer.from('anybody there?'), 'nothing');
if (answer.length !== 0) fail(`an answer to a protocol that nobody speaks: ${answer}`);
console.log('ok TALKREQ is answered with nothing');

const second = await hufu(['node', '--consensus', 'follow', '--genesis', join(folder, 'first', 'genesis.json'), '--data', join(folder, 'second'), '--bootnodes', own.encodeTxt()]);
await until('the second node has met the first', async () => await call(second.rpc, 'net_peerCount') === '0x1' && await call(first.rpc, 'net_peerCount') === '0x1');
await until('Lodestar knows both', () => discv5.kadValues().length === 2);
process.exit(0);
