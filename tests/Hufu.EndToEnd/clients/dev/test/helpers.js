// Every helper of @nomicfoundation/hardhat-network-helpers.
import { expect } from "chai";
import { network } from "hardhat";

const { ethers, networkHelpers: helpers, provider } = await network.create();
const { time } = helpers;
const stranger = "0x00000000000000000000000000000000000beef1";

async function lab() {
  const [owner, other] = await ethers.getSigners();
  const contract = await ethers.deployContract("Lab", [7n]);
  return { owner, other, contract };
}

describe("network helpers", () => {
  let restore;
  beforeEach(async () => { restore = (await helpers.takeSnapshot()).restore; });
  afterEach(async () => { await restore(); });

  it("mine, mineUpTo", async () => {
    const start = await time.latestBlock();
    await helpers.mine();
    expect(await time.latestBlock()).to.equal(start + 1);
    await helpers.mine(10);
    expect(await time.latestBlock()).to.equal(start + 11);
    await helpers.mine(3, { interval: 60 });
    const [a, b] = [await ethers.provider.getBlock(start + 13), await ethers.provider.getBlock(start + 14)];
    expect(b.timestamp - a.timestamp).to.equal(60);
    await helpers.mineUpTo(start + 100);
    expect(await time.latestBlock()).to.equal(start + 100);
  });

  it("time.increase, increaseTo, latest, latestBlock, setNextBlockTimestamp", async () => {
    const before = await time.latest();
    const after = await time.increase(3600);
    expect(after - before).to.be.within(3600, 3600 + 60);
    expect(await time.latest()).to.equal(after);
    await time.increaseTo(after + 86_400);
    expect(await time.latest()).to.equal(after + 86_400);
    await time.setNextBlockTimestamp(after + 100_000);
    await helpers.mine();
    expect(await time.latest()).to.equal(after + 100_000);
    expect(time.duration.days(2)).to.equal(172_800);
  });

  it("refuses to go back in time", async () => {
    let refused;
    try { await time.setNextBlockTimestamp(1); } catch (error) { refused = error; }
    expect(refused.message).to.match(/lower than the previous block's timestamp/);
  });

  it("setBalance, setNonce, setCode, setStorageAt, getStorageAt", async () => {
    await helpers.setBalance(stranger, 10n ** 18n);
    expect(await ethers.provider.getBalance(stranger)).to.equal(10n ** 18n);
    await helpers.setNonce(stranger, 9);
    expect(await ethers.provider.getTransactionCount(stranger)).to.equal(9);
    await helpers.setCode(stranger, "0x60005460005260206000f3");
    expect(await ethers.provider.getCode(stranger)).to.equal("0x60005460005260206000f3");
    await helpers.setStorageAt(stranger, 0, 42);
    expect(await helpers.getStorageAt(stranger, 0)).to.equal("0x" + "2a".padStart(64, "0"));
    expect(BigInt(await ethers.provider.call({ to: stranger }))).to.equal(42n);
  });

  it("impersonateAccount, stopImpersonatingAccount: a contract calls as itself", async () => {
    const maker = await ethers.deployContract("Maker");
    const owned = await ethers.getContractAt("Owned", await maker.made());
    await expect(owned.call()).to.be.revertedWith("not the owner");
    const address = await maker.getAddress();
    await helpers.impersonateAccount(address);
    await helpers.setBalance(address, 10n ** 18n);
    const signer = await ethers.getSigner(address);
    const sent = await owned.connect(signer).call();
    const receipt = await sent.wait();
    expect(receipt.from).to.equal(address);
    expect(await owned.calls()).to.equal(1n);
    await helpers.stopImpersonatingAccount(address);
    let refused;
    try { await owned.connect(signer).call(); } catch (error) { refused = error; }
    expect(refused).to.be.an("error");
  });

  it("setCoinbase, setBlockGasLimit, setNextBlockBaseFeePerGas, setPrevRandao", async () => {
    const { contract, owner } = await lab();
    await helpers.setCoinbase(stranger);
    await helpers.setBlockGasLimit(12_345_678);
    await helpers.setNextBlockBaseFeePerGas(5_000_000_000n);
    await helpers.setPrevRandao(777);
    await owner.sendTransaction({ to: stranger, value: 1n, maxFeePerGas: 20_000_000_000n });
    const block = await ethers.provider.getBlock("latest");
    expect(block.miner.toLowerCase()).to.equal(stranger);
    expect(block.gasLimit).to.equal(12_345_678n);
    expect(block.baseFeePerGas).to.equal(5_000_000_000n);
    expect(BigInt((await provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] })).mixHash)).to.equal(777n);
    expect((await contract.environment()).gasLimit).to.equal(12_345_678n);
  });

  it("a base fee of zero lets transactions run for nothing", async () => {
    const [owner] = await ethers.getSigners();
    await helpers.setNextBlockBaseFeePerGas(0);
    const before = await ethers.provider.getBalance(owner.address);
    await (await owner.sendTransaction({ to: stranger, gasPrice: 0 })).wait();
    expect(await ethers.provider.getBalance(owner.address)).to.equal(before);
  });

  it("dropTransaction", async () => {
    const [owner] = await ethers.getSigners();
    await provider.request({ method: "evm_setAutomine", params: [false] });
    try {
      const sent = await owner.sendTransaction({ to: stranger, value: 1n });
      expect(await helpers.dropTransaction(sent.hash)).to.equal(true);
      await helpers.mine();
      expect(await ethers.provider.getTransactionReceipt(sent.hash)).to.equal(null);
    } finally {
      await provider.request({ method: "evm_setAutomine", params: [true] });
    }
  });

  it("loadFixture, takeSnapshot", async () => {
    const first = await helpers.loadFixture(lab);
    await first.contract.store(1n);
    const second = await helpers.loadFixture(lab);
    expect(await second.contract.value()).to.equal(7n);
    expect(await second.contract.getAddress()).to.equal(await first.contract.getAddress());
    const snapshot = await helpers.takeSnapshot();
    await second.contract.store(2n);
    await snapshot.restore();
    expect(await second.contract.value()).to.equal(7n);
    await second.contract.store(3n);
    await snapshot.restore();
    expect(await second.contract.value()).to.equal(7n);
  });

  it("many transactions in one block, in the order of their nonces", async () => {
    const { contract, owner, other } = await lab();
    await provider.request({ method: "evm_setAutomine", params: [false] });
    const sent = [];
    for (let i = 1n; i <= 5n; i++) sent.push(await contract.store(i));
    sent.push(await other.sendTransaction({ to: stranger, value: 1n }));
    await helpers.mine();
    await provider.request({ method: "evm_setAutomine", params: [true] });
    const receipts = await Promise.all(sent.map((one) => one.wait()));
    expect(new Set(receipts.map((one) => one.blockNumber)).size).to.equal(1);
    expect(await contract.value()).to.equal(5n);
    expect(await contract.balances(owner.address)).to.equal(15n);
  });
});
