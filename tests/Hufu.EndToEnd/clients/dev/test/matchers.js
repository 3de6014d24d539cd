// Every way to fail, as the matchers of Hardhat read it from the node's errors; events and balances with them.
import { expect } from "chai";
import { network } from "hardhat";
import { anyValue } from "@nomicfoundation/hardhat-ethers-chai-matchers/withArgs";

const { ethers, networkHelpers: helpers } = await network.create();

describe("matchers", () => {
  let contract, owner, other;
  before(async () => {
    [owner, other] = await ethers.getSigners();
    contract = await ethers.deployContract("Lab", [7n]);
  });

  for (const [how, call] of [["sent", (method, ...args) => contract[method](...args)], ["called", (method, ...args) => contract[method].staticCall(...args)], ["sent with its gas stated", (method, ...args) => contract[method](...args, { gasLimit: 200_000 })]]) {
    describe(how, () => {
      it("a reason", () => expect(call("failWithReason")).to.be.revertedWith("the reason"));
      it("a custom error", () => expect(call("failWithCustom", 5n)).to.be.revertedWithCustomError(contract, "Refused").withArgs(owner.address, 5n));
      it("a custom error without arguments", () => expect(call("failPlain")).to.be.revertedWithCustomError(contract, "Plain"));
      it("no reason", () => expect(call("failSilently")).to.be.revertedWithoutReason(ethers));
      it("assert", () => expect(call("assertFalse")).to.be.revertedWithPanic(0x01));
      it("division by zero", () => expect(call("divide", 0n)).to.be.revertedWithPanic(0x12));
      it("overflow", () => expect(call("overflow")).to.be.revertedWithPanic(0x11));
      it("out of bounds", () => expect(call("outOfBounds", 9n)).to.be.revertedWithPanic(0x32));
      it("any of them", () => expect(call("failWithReason")).to.revert(ethers));
    });
  }

  it("success is not a revert", () => expect(contract.store(1n)).not.to.revert(ethers));
  it("events", () => expect(contract.store(9n)).to.emit(contract, "Stored").withArgs(owner.address, 9n));
  it("events with any value", () => expect(contract.store(9n)).to.emit(contract, "Stored").withArgs(anyValue, 9n));
  it("ether balances", () => expect(owner.sendTransaction({ to: other.address, value: 200n })).to.changeEtherBalances(ethers, [owner, other], [-200n, 200n]));
  it("one ether balance", () => expect(owner.sendTransaction({ to: other.address, value: 3n })).to.changeEtherBalance(ethers, other, 3n));

  it("a transaction that failed is in its block all the same", async () => {
    const nonce = await owner.getNonce();
    try { await contract.failWithReason({ gasLimit: 100_000 }); } catch { /* what is asked for is below */ }
    expect(await owner.getNonce()).to.equal(nonce + 1);
    const block = await ethers.provider.getBlock("latest");
    expect((await ethers.provider.getTransactionReceipt(block.transactions[0])).status).to.equal(0);
  });

  it("a wrong nonce, too little money, too low a fee", async () => {
    for (const [wish, words] of [
      [{ nonce: 0 }, /nonce/i],
      [{ value: 10n ** 30n }, /funds/i],
      [{ maxFeePerGas: 1n, maxPriorityFeePerGas: 1n }, /fee/i],
    ]) {
      let refused;
      try { await owner.sendTransaction({ to: other.address, ...wish }); } catch (error) { refused = error; }
      expect(refused?.message).to.match(words);
    }
  });

  it("typed data, messages and transactions are signed alike by node and library", async () => {
    const domain = { name: "Lab", version: "1", chainId: 31337n, verifyingContract: await contract.getAddress() };
    const types = { Person: [{ name: "name", type: "string" }, { name: "wallets", type: "address[]" }], Mail: [{ name: "from", type: "Person" }, { name: "to", type: "Person[]" }, { name: "contents", type: "bytes" }, { name: "amount", type: "int64" }] };
    const person = (name) => ({ name, wallets: [owner.address, other.address] });
    const mail = { from: person("Ann"), to: [person("Bob"), person("Cy")], contents: "0x1234", amount: -5n };
    const wallet = ethers.HDNodeWallet.fromPhrase("test test test test test test test test test test test junk");
    expect(await owner.signTypedData(domain, types, mail)).to.equal(await wallet.signTypedData(domain, types, mail));
    expect(await owner.signMessage("hello")).to.equal(await wallet.signMessage("hello"));
  });

  it("console.log changes nothing", async () => {
    const before = await contract.value();
    await contract.say("it");
    expect(await contract.value()).to.equal(before + 1n);
    expect(await contract.whisper()).to.equal(before + 1n);
  });

  it("the environment of a call", async () => {
    await helpers.mine();
    const [latest, seen] = [await ethers.provider.getBlock("latest"), await contract.environment()];
    expect(seen.coinbase.toLowerCase()).to.equal(latest.miner.toLowerCase());
    expect(Number(seen.number)).to.be.within(latest.number, latest.number + 1);
  });

  it("many accounts and a mined history can be read", async () => {
    expect((await ethers.getSigners()).length).to.be.at.least(10);
    const logs = await contract.queryFilter(contract.filters.Stored());
    expect(logs.length).to.be.at.least(2);
    expect(await ethers.provider.send("debug_traceTransaction", [logs[0].transactionHash, {}])).to.have.property("structLogs");
  });
});
