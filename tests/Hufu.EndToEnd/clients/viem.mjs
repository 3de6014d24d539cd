// node viem.mjs URL: the same ground with viem.
import assert from "node:assert/strict";
import { createPublicClient, createWalletClient, defineChain, http, parseEther, parseGwei, stringToHex, toBlobs } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { loadKZG } from "kzg-wasm";
import { artifact, mnemonic, run } from "./artifacts.mjs";

const url = process.argv[2];
const chain = defineChain({ id: 31337, name: "Hufu", nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 }, rpcUrls: { default: { http: [url] } } });
const transport = http(url, { batch: true });
const node = createPublicClient({ chain, transport, pollingInterval: 100 });
const [alice, bob] = [0, 1].map((addressIndex) => mnemonicToAccount(mnemonic, { addressIndex }));
const wallet = createWalletClient({ account: alice, chain, transport });
const wait = (hash) => node.waitForTransactionReceipt({ hash });
const { abi, bytecode } = artifact("TestToken");
let token;

await run({
  "knows its chain": async () => {
    assert.equal(await node.getChainId(), 31337);
    assert.ok((await node.getBlockNumber()) >= 0n);
  },
  "deploys an ERC-20": async () => {
    const receipt = await wait(await wallet.deployContract({ abi, bytecode, args: [parseEther("1000")] }));
    token = receipt.contractAddress;
    assert.equal(await node.readContract({ address: token, abi, functionName: "totalSupply" }), parseEther("1000"));
  },
  "simulates, transfers and reads the event": async () => {
    const { request } = await node.simulateContract({ account: alice, address: token, abi, functionName: "transfer", args: [bob.address, 7n] });
    const receipt = await wait(await wallet.writeContract(request));
    assert.equal(receipt.status, "success");
    const events = await node.getContractEvents({ address: token, abi, eventName: "Transfer", fromBlock: receipt.blockNumber });
    assert.equal(events.length, 1);
    assert.equal(events[0].args.value, 7n);
  },
  "decodes a custom error": async () => {
    await assert.rejects(
      node.simulateContract({ account: bob, address: token, abi, functionName: "transfer", args: [alice.address, 8n] }),
      (error) => error.walk().data?.errorName === "ERC20InsufficientBalance" || /ERC20InsufficientBalance/.test(error.message),
    );
  },
  "watches with a filter": async () => {
    const seen = new Promise((resolve) => {
      const stop = node.watchContractEvent({ address: token, abi, eventName: "Transfer", onLogs: (logs) => { stop(); resolve(logs); } });
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await wait(await wallet.writeContract({ address: token, abi, functionName: "transfer", args: [bob.address, 9n] }));
    assert.equal((await seen)[0].args.value, 9n);
  },
  "sends a type 2 transaction": async () => {
    const receipt = await wait(await wallet.sendTransaction({ to: bob.address, value: 1n }));
    assert.equal(receipt.type, "eip1559");
  },
  "sends a blob (type 3)": async () => {
    const loaded = await loadKZG();
    const kzg = { blobToKzgCommitment: (blob) => bytes(loaded.blobToKZGCommitment(hex(blob))), computeBlobKzgProof: (blob, commitment) => bytes(loaded.computeBlobKZGProof(hex(blob), hex(commitment))) };
    const hash = await wallet.sendTransaction({ to: bob.address, blobs: toBlobs({ data: stringToHex("虎符") }), kzg, maxFeePerBlobGas: parseGwei("1") });
    const receipt = await wait(hash);
    assert.equal(receipt.type, "eip4844");
    assert.equal(receipt.blobGasUsed, 131072n);
  },
  "delegates an account to code (type 4)": async () => {
    const batch = artifact("TestBatch");
    const { contractAddress } = await wait(await wallet.deployContract({ abi: batch.abi, bytecode: batch.bytecode }));
    const dave = privateKeyToAccount("0x" + "33".repeat(32));
    const authorization = await wallet.signAuthorization({ account: dave, contractAddress });
    const receipt = await wait(await wallet.sendTransaction({ to: dave.address, authorizationList: [authorization] }));
    assert.equal(receipt.type, "eip7702");
    assert.equal(await node.getCode({ address: dave.address }), "0xef0100" + contractAddress.slice(2).toLowerCase());
  },
  "reads proofs and fees": async () => {
    const proof = await node.getProof({ address: token, storageKeys: ["0x" + "00".repeat(32)] });
    assert.ok(proof.accountProof.length > 0);
    const fees = await node.getFeeHistory({ blockCount: 4, rewardPercentiles: [25, 75] });
    assert.ok(fees.baseFeePerGas.length > 1);
  },
});

function hex(value) { return typeof value === "string" ? value : "0x" + Buffer.from(value).toString("hex"); }
function bytes(value) { return typeof value === "string" ? Uint8Array.from(Buffer.from(value.slice(2), "hex")) : value; }
