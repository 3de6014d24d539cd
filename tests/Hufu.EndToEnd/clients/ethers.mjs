// node ethers.mjs URL: what a wallet built on ethers does with a node, from deployment to blobs and delegation.
import assert from "node:assert/strict";
import { concat, Contract, ContractFactory, hexlify, HDNodeWallet, JsonRpcProvider, Wallet, parseEther, toUtf8Bytes, ZeroAddress } from "ethers";
import { loadKZG } from "kzg-wasm";
import { artifact, mnemonic, run } from "./artifacts.mjs";

const provider = new JsonRpcProvider(process.argv[2], undefined, { staticNetwork: false, cacheTimeout: -1, pollingInterval: 100 });
const account = (index) => HDNodeWallet.fromPhrase(mnemonic, undefined, `m/44'/60'/0'/0/${index}`).connect(provider);
const [alice, bob] = [account(0), account(1)];
const supply = parseEther("1000000");
let token, collectible;

await run({
  "knows its chain": async () => {
    const network = await provider.getNetwork();
    assert.equal(network.chainId, 31337n);
    assert.ok((await provider.getBalance(alice.address)) > parseEther("100"));
  },
  "deploys an ERC-20": async () => {
    const { abi, bytecode } = artifact("TestToken");
    token = await new ContractFactory(abi, bytecode, alice).deploy(supply);
    await token.waitForDeployment();
    assert.equal(await token.balanceOf(alice.address), supply);
    assert.equal(await token.symbol(), "TEST");
  },
  "transfers and reads the event": async () => {
    const receipt = await (await token.transfer(bob.address, 42n)).wait();
    assert.equal(receipt.status, 1);
    assert.equal(await token.balanceOf(bob.address), 42n);
    const events = await token.queryFilter(token.filters.Transfer(alice.address, bob.address), 0, "latest");
    assert.equal(events.length, 1);
    assert.equal(events[0].args.value, 42n);
    assert.equal(events[0].blockHash, receipt.blockHash);
  },
  "decodes a custom error": async () => {
    await assert.rejects(token.connect(bob).transfer.staticCall(alice.address, 43n), (error) => {
      assert.equal(error.code, "CALL_EXCEPTION");
      assert.equal(error.revert?.name, "ERC20InsufficientBalance");
      return true;
    });
  },
  "deploys an ERC-721 and mints": async () => {
    const { abi, bytecode } = artifact("TestCollectible");
    collectible = await new ContractFactory(abi, bytecode, alice).deploy();
    await collectible.waitForDeployment();
    await (await collectible.mint(bob.address)).wait();
    assert.equal(await collectible.ownerOf(1n), bob.address);
    const { abi: sameAbi } = artifact("TestCollectible");
    const read = new Contract(await collectible.getAddress(), sameAbi, provider);
    assert.equal((await read.queryFilter(read.filters.Transfer(ZeroAddress, bob.address))).length, 1);
  },
  "sends a type 2 transaction": async () => {
    const response = await alice.sendTransaction({ type: 2, to: bob.address, value: 1n });
    const receipt = await response.wait();
    assert.equal(receipt.type, 2);
    const block = await provider.getBlock(receipt.blockNumber, true);
    assert.equal(block.prefetchedTransactions.find((one) => one.hash === response.hash).value, 1n);
    assert.equal(receipt.gasUsed, 21000n);
  },
  "sends legacy and type 1 transactions": async () => {
    for (const type of [0, 1]) {
      const receipt = await (await alice.sendTransaction({ type, to: bob.address, value: 1n, gasPrice: (await provider.getFeeData()).gasPrice })).wait();
      assert.equal(receipt.type, type);
    }
  },
  "sends a blob (type 3)": async () => {
    const kzg = await loadKZG();
    const blob = new Uint8Array(131072);
    blob.set(toUtf8Bytes("虎符: an order counted only when two halves fitted"), 1);
    const data = hexlify(blob);
    const [, cellProofs] = kzg.computeCellsAndProofs(data);
    const response = await alice.sendTransaction({
      type: 3, to: bob.address, maxFeePerBlobGas: 10n ** 9n, blobWrapperVersion: 1,
      blobs: [{ data, commitment: kzg.blobToKZGCommitment(data), proof: concat(cellProofs) }],
    });
    const receipt = await response.wait();
    assert.equal(receipt.type, 3);
    assert.equal(receipt.blobGasUsed, 131072n);
  },
  "delegates an account to code (type 4)": async () => {
    const { abi, bytecode } = artifact("TestBatch");
    const code = await new ContractFactory(abi, bytecode, alice).deploy();
    await code.waitForDeployment();
    const carol = new Wallet("0x" + "11".repeat(32), provider);
    await (await alice.sendTransaction({ to: carol.address, value: parseEther("1") })).wait();
    const authorization = await carol.authorize({ address: await code.getAddress(), nonce: 0 });
    const receipt = await (await alice.sendTransaction({ type: 4, to: carol.address, authorizationList: [authorization] })).wait();
    assert.equal(receipt.type, 4);
    assert.equal(await provider.getCode(carol.address), "0xef0100" + (await code.getAddress()).slice(2).toLowerCase());
    const batch = new Contract(carol.address, abi, carol);
    const two = [{ to: alice.address, value: 1n, data: "0x" }, { to: bob.address, value: 2n, data: "0x" }];
    const done = await (await batch.execute(two)).wait();
    assert.equal(done.logs.length, 1);
    assert.equal(batch.interface.parseLog(done.logs[0]).args.calls, 2n);
  },
  "refuses what cannot run with the words wallets match on": async () => {
    const poor = new Wallet("0x" + "22".repeat(32), provider);
    await assert.rejects(poor.sendTransaction({ to: bob.address, value: 1n, gasLimit: 21000n, nonce: 0 }), { code: "INSUFFICIENT_FUNDS" });
    await assert.rejects(alice.sendTransaction({ to: bob.address, value: 1n, gasLimit: 21000n, nonce: 0 }), { code: "NONCE_EXPIRED" });
  },
});
