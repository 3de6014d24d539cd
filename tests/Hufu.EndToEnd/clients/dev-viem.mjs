// Every test action of viem, and what its wallet and public actions make of a development chain.
// usage: node dev-viem.mjs URL [mode: anvil or hardhat]
import assert from "node:assert/strict";
import { createPublicClient, createTestClient, createWalletClient, http, parseEther, publicActions, walletActions } from "viem";
import { foundry } from "viem/chains";

const [url, mode = "anvil"] = process.argv.slice(2);
const client = createTestClient({ chain: foundry, mode, transport: http(url, { retryCount: 0 }) }).extend(publicActions).extend(walletActions);
const [alice, bob] = await client.getAddresses();
const stranger = "0x00000000000000000000000000000000000beef2";
const tests = [];
const test = (name, run, ...modes) => { if (modes.length === 0 || modes.includes(mode)) tests.push([name, run]); };
const send = (args) => client.sendTransaction({ account: alice, to: bob, value: 1n, ...args });
const latest = () => client.getBlock({ blockTag: "latest" });

test("mine", async () => {
  const start = await client.getBlockNumber({ cacheTime: 0 });
  await client.mine({ blocks: 5 });
  await client.mine({ blocks: 2, interval: 30 });
  assert.equal(await client.getBlockNumber({ cacheTime: 0 }), start + 7n);
});
test("setBalance, getBalance", async () => {
  await client.setBalance({ address: stranger, value: parseEther("3") });
  assert.equal(await client.getBalance({ address: stranger }), parseEther("3"));
});
test("setCode, getCode", async () => {
  await client.setCode({ address: stranger, bytecode: "0x60005460005260206000f3" });
  assert.equal(await client.getCode({ address: stranger }), "0x60005460005260206000f3");
});
test("setStorageAt, getStorageAt", async () => {
  await client.setStorageAt({ address: stranger, index: 2, value: `0x${"7".padStart(64, "0")}` });
  assert.equal(BigInt(await client.getStorageAt({ address: stranger, slot: "0x2" })), 7n);
});
test("setNonce, getTransactionCount", async () => {
  await client.setNonce({ address: stranger, nonce: 420 });
  assert.equal(await client.getTransactionCount({ address: stranger }), 420);
});
test("impersonateAccount, stopImpersonatingAccount", async () => {
  await client.setBalance({ address: stranger, value: parseEther("1") });
  await client.impersonateAccount({ address: stranger });
  const hash = await client.sendTransaction({ account: stranger, to: bob, value: 1n });
  assert.equal((await client.getTransactionReceipt({ hash })).from.toLowerCase(), stranger);
  assert.equal((await client.getTransaction({ hash })).from.toLowerCase(), stranger);
  await client.stopImpersonatingAccount({ address: stranger });
  await assert.rejects(client.sendTransaction({ account: stranger, to: bob, value: 1n }));
});
test("increaseTime, setNextBlockTimestamp", async () => {
  const before = (await latest()).timestamp;
  await client.increaseTime({ seconds: 500 });
  await client.mine({ blocks: 1 });
  assert.ok((await latest()).timestamp >= before + 500n);
  const next = (await latest()).timestamp + 1000n;
  await client.setNextBlockTimestamp({ timestamp: next });
  await client.mine({ blocks: 1 });
  assert.equal((await latest()).timestamp, next);
  await assert.rejects(client.setNextBlockTimestamp({ timestamp: 1n }));
});
test("setBlockTimestampInterval, removeBlockTimestampInterval", async () => {
  await client.setBlockTimestampInterval({ interval: 86_400 });
  const before = (await latest()).timestamp;
  await client.mine({ blocks: 1 });
  assert.equal((await latest()).timestamp, before + 86_400n);
  await client.removeBlockTimestampInterval();
}, "anvil");
test("setAutomine, getAutomine, txpool, dropTransaction", async () => {
  await client.setAutomine(false);
  assert.equal(await client.getAutomine(), false);
  const hash = await send();
  if (mode === "anvil") {
    assert.equal((await client.getTxpoolStatus()).pending, 1);
    assert.ok(Object.keys((await client.getTxpoolContent()).pending).length === 1);
    assert.ok(Object.keys((await client.inspectTxpool()).pending).length === 1);
  }
  assert.equal((await client.getTransaction({ hash })).blockNumber, null);
  await client.dropTransaction({ hash });
  await client.mine({ blocks: 1 });
  await assert.rejects(client.getTransactionReceipt({ hash }));
  await client.setAutomine(true);
  assert.equal(await client.getAutomine(), true);
});
test("setIntervalMining", async () => {
  await client.setAutomine(false);
  const start = await client.getBlockNumber({ cacheTime: 0 });
  await client.setIntervalMining({ interval: 1 });
  await new Promise((done) => setTimeout(done, 2600));
  assert.ok(await client.getBlockNumber({ cacheTime: 0 }) > start);
  await client.setIntervalMining({ interval: 0 });
  await client.setAutomine(true);
});
test("setBlockGasLimit, setCoinbase, setNextBlockBaseFeePerGas", async () => {
  await client.setBlockGasLimit({ gasLimit: 25_000_000n });
  await client.setCoinbase({ address: stranger });
  await client.setNextBlockBaseFeePerGas({ baseFeePerGas: 3_000_000_000n });
  await client.mine({ blocks: 1 });
  const block = await latest();
  assert.deepEqual([block.gasLimit, block.miner.toLowerCase(), block.baseFeePerGas], [25_000_000n, stranger, 3_000_000_000n]);
});
test("snapshot, revert", async () => {
  const before = await client.getBalance({ address: bob });
  const id = await client.snapshot();
  await send({ value: 5n });
  assert.equal(await client.getBalance({ address: bob }), before + 5n);
  await client.revert({ id });
  assert.equal(await client.getBalance({ address: bob }), before);
});
test("setLoggingEnabled", () => client.setLoggingEnabled(false));
test("setMinGasPrice is refused since EIP-1559", () => assert.rejects(client.setMinGasPrice({ gasPrice: 1n })));
test("setRpcUrl", () => client.setRpcUrl("http://127.0.0.1:1"), "anvil");
test("dumpState, loadState, reset", async () => {
  await client.setBalance({ address: stranger, value: 77n });
  await client.setStorageAt({ address: stranger, index: 5, value: `0x${"9".padStart(64, "0")}` });
  await client.mine({ blocks: 1 });
  const state = await client.dumpState();
  await client.reset();
  assert.notEqual(await client.getBalance({ address: stranger }), 77n);
  await client.loadState({ state });
  assert.equal(await client.getBalance({ address: stranger }), 77n);
  assert.equal(BigInt(await client.getStorageAt({ address: stranger, slot: "0x5" })), 9n);
}, "anvil");
test("sendUnsignedTransaction", async () => {
  await client.setBalance({ address: stranger, value: parseEther("1") });
  const hash = await client.sendUnsignedTransaction({ from: stranger, to: bob, value: 1n, gas: 21_000n });
  assert.equal((await client.waitForTransactionReceipt({ hash })).from.toLowerCase(), stranger);
}, "anvil");
test("fees, gas and a transaction of each kind", async () => {
  assert.ok(await client.getGasPrice() > 0n);
  assert.ok((await client.estimateFeesPerGas()).maxFeePerGas > 0n);
  assert.equal(await client.estimateGas({ account: alice, to: bob, value: 1n }), 21_000n);
  for (const kind of [{ gasPrice: 20_000_000_000n }, { maxFeePerGas: 20_000_000_000n, maxPriorityFeePerGas: 1n }, { accessList: [{ address: bob, storageKeys: [] }] }]) {
    const receipt = await client.waitForTransactionReceipt({ hash: await send(kind), pollingInterval: 50 });
    assert.equal(receipt.status, "success");
  }
});
test("signMessage, signTypedData", async () => {
  assert.match(await client.signMessage({ account: alice, message: "hello" }), /^0x[0-9a-f]{130}$/);
  const typed = { domain: { name: "x", chainId: 31337 }, types: { M: [{ name: "a", type: "uint256" }, { name: "b", type: "string[]" }] }, primaryType: "M", message: { a: 1n, b: ["x", "y"] } };
  const signature = await client.signTypedData({ account: alice, ...typed });
  assert.ok(await client.verifyTypedData({ address: alice, ...typed, signature }));
});
test("reset", async () => {
  await client.reset();
  assert.equal(await client.getBlockNumber({ cacheTime: 0 }), 0n);
}, "anvil");

let failed = 0;
for (const [name, run] of tests) {
  try { await run(); console.log(`ok    ${name}`); }
  catch (error) { failed++; console.log(`FAIL  ${name}: ${String(error.message ?? error).split("\n").slice(0, 12).join(" | ")}`); }
}
console.log(`${tests.length - failed} passed, ${failed} failed (${mode})`);
process.exit(failed ? 1 : 0);
