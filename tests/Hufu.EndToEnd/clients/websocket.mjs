// node websocket.mjs URL: what applications hear over a WebSocket, with the providers of ethers and viem.
import assert from "node:assert/strict";
import { Contract, ContractFactory, HDNodeWallet, parseEther, WebSocketProvider } from "ethers";
import { createPublicClient, defineChain, http, parseAbiItem, webSocket } from "viem";
import { artifact, mnemonic, run } from "./artifacts.mjs";

const url = process.argv[2];
const socket = url.replace(/^http/, "ws");
const provider = new WebSocketProvider(socket, undefined, { cacheTimeout: -1 });
const alice = HDNodeWallet.fromPhrase(mnemonic, undefined, "m/44'/60'/0'/0/0").connect(provider);
const bob = HDNodeWallet.fromPhrase(mnemonic, undefined, "m/44'/60'/0'/0/1").address;
const chain = defineChain({ id: 31337, name: "Hufu", nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 }, rpcUrls: { default: { http: [url], webSocket: [socket] } } });
const node = createPublicClient({ chain, transport: webSocket(socket) });

const soon = (promise, what) => Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error(`${what} did not come`)), 20_000).unref())]);
const heard = () => {
  const all = [];
  let waiting = [];
  return {
    all,
    tell: (one) => {
      all.push(one);
      waiting = waiting.filter((wait) => !wait());
    },
    until: (holds, what) => soon(new Promise((resolve) => {
      const check = () => holds(all) && (resolve(all), true);
      if (!check()) waiting.push(check);
    }), what),
  };
};
let token;

await run({
  "ethers: transactions are sent and awaited over the socket": async () => {
    const { abi, bytecode } = artifact("TestToken");
    token = await new ContractFactory(abi, bytecode, alice).deploy(parseEther("1000"));
    await soon(token.waitForDeployment(), "the deployment");
    assert.equal(await token.balanceOf(alice.address), parseEther("1000"));
  },
  "ethers: every block is heard once, in order": async () => {
    const blocks = heard();
    await provider.on("block", blocks.tell);
    const first = await provider.getBlockNumber();
    for (let i = 0; i < 5; i++) await (await alice.sendTransaction({ to: bob, value: 1n })).wait();
    await blocks.until((all) => all.includes(first + 5), "block 5");
    const mine = blocks.all.filter((number) => number > first);
    assert.deepEqual(mine, [1, 2, 3, 4, 5].map((step) => first + step));
    await provider.off("block", blocks.tell);
  },
  "ethers: a contract's events are heard": async () => {
    const events = heard();
    const read = new Contract(await token.getAddress(), token.interface, provider);
    await read.on(read.filters.Transfer(alice.address), (payload) => events.tell(payload.args.toObject()));
    await (await token.transfer(bob, 42n)).wait();
    const [event] = await events.until((all) => all.length === 1, "the event");
    assert.deepEqual(event, { from: alice.address, to: bob, value: 42n });
    await read.removeAllListeners();
  },
  "ethers: pending transactions are heard by hash": async () => {
    const hashes = heard();
    await provider.on("pending", hashes.tell);
    const sent = await alice.sendTransaction({ to: bob, value: 2n });
    await hashes.until((all) => all.includes(sent.hash), "the hash");
    await sent.wait();
    await provider.off("pending", hashes.tell);
  },
  "viem: blocks are watched": async () => {
    const blocks = heard();
    const stop = node.watchBlocks({ onBlock: blocks.tell, onError: (error) => blocks.tell(error) });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const receipt = await (await alice.sendTransaction({ to: bob, value: 3n })).wait();
    await blocks.until((all) => all.some((block) => block.hash === receipt.blockHash), "the block");
    stop();
  },
  "viem: logs are watched by event and argument": async () => {
    const logs = heard();
    const stop = node.watchEvent({
      address: await token.getAddress(),
      event: parseAbiItem("event Transfer(address indexed from, address indexed to, uint256 value)"),
      args: { to: bob },
      onLogs: (some) => some.forEach(logs.tell),
      onError: (error) => logs.tell(error),
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await (await token.transfer(bob, 7n)).wait();
    const [log] = await logs.until((all) => all.length > 0, "the log");
    assert.equal(log.args.value, 7n);
    assert.equal(log.removed, false);
    stop();
  },
  "viem: pending transactions are watched": async () => {
    const hashes = heard();
    const stop = node.watchPendingTransactions({ onTransactions: (some) => some.forEach(hashes.tell), onError: (error) => hashes.tell(error) });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const sent = await alice.sendTransaction({ to: bob, value: 4n });
    await hashes.until((all) => all.includes(sent.hash), "the hash");
    stop();
  },
  "viem: filters are polled over HTTP": async () => {
    const client = createPublicClient({ chain, transport: http(url) });
    const filter = await client.createEventFilter({ address: await token.getAddress() });
    const blocks = await client.createBlockFilter();
    const receipt = await (await token.transfer(bob, 9n)).wait();
    assert.equal((await client.getFilterChanges({ filter })).length, 1);
    assert.ok((await client.getFilterChanges({ filter: blocks })).includes(receipt.blockHash));
    assert.equal((await client.getFilterLogs({ filter })).length, 1);
    assert.equal(await client.uninstallFilter({ filter }), true);
    await assert.rejects(client.getFilterChanges({ filter }), /filter not found/);
  },
});
