// Contracts of others as npm ships them: Uniswap v2 and v3 core, Seaport through its own library, OpenZeppelin's timelock.
// The same on Hardhat's own network, on anvil and on Hufu.
import { createRequire } from "node:module";
import { expect } from "chai";
import { network } from "hardhat";
import { Seaport } from "@opensea/seaport-js";
import { ItemType } from "@opensea/seaport-js/lib/constants.js";
import { Seaport__factory } from "@opensea/seaport-js/lib/typechain-types/factories/seaport/contracts/Seaport__factory.js";
import { LocalConduitController__factory } from "@opensea/seaport-js/lib/typechain-types/factories/seaport/contracts/conduit/ConduitController.sol/LocalConduitController__factory.js";
import { TestERC721__factory } from "@opensea/seaport-js/lib/typechain-types/factories/src/contracts/test/TestERC721__factory.js";

const require = createRequire(import.meta.url);
const { ethers, networkHelpers: helpers } = await network.create();
const { loadFixture, time } = helpers;
const built = (path) => require(path);
const deploy = async ({ abi, bytecode, evm }, ...args) => {
  const [owner] = await ethers.getSigners();
  const contract = await new ethers.ContractFactory(abi, bytecode ?? evm.bytecode.object, owner).deploy(...args);
  return contract.waitForDeployment();
};
const coins = async () => {
  const [a, b] = [await ethers.deployContract("Coin", ["A"]), await ethers.deployContract("Coin", ["B"])];
  return (await a.getAddress()).toLowerCase() < (await b.getAddress()).toLowerCase() ? [a, b] : [b, a];
};

describe("Uniswap v2 core", () => {
  const pairJson = built("@uniswap/v2-core/build/UniswapV2Pair.json");

  async function pool() {
    const [owner, other] = await ethers.getSigners();
    const factory = await deploy(built("@uniswap/v2-core/build/UniswapV2Factory.json"), owner.address);
    const [a, b] = await coins();
    await factory.createPair(await a.getAddress(), await b.getAddress());
    const pair = new ethers.Contract(await factory.getPair(await a.getAddress(), await b.getAddress()), pairJson.abi, owner);
    await a.transfer(await pair.getAddress(), ethers.parseEther("5"));
    await b.transfer(await pair.getAddress(), ethers.parseEther("10"));
    await pair.mint(owner.address);
    return { factory, a, b, pair, owner, other };
  }

  it("a pair stands where CREATE2 puts it", async () => {
    const { factory, a, b, pair } = await loadFixture(pool);
    const salt = ethers.solidityPackedKeccak256(["address", "address"], [await a.getAddress(), await b.getAddress()]);
    expect(await pair.getAddress()).to.equal(ethers.getCreate2Address(await factory.getAddress(), salt, ethers.keccak256("0x" + pairJson.evm.bytecode.object)));
    await expect(factory.createPair(await a.getAddress(), await b.getAddress())).to.be.revertedWith("UniswapV2: PAIR_EXISTS");
  });
  it("liquidity, less the least", async () => {
    const { pair, owner } = await loadFixture(pool);
    expect(await pair.balanceOf(owner.address)).to.equal(7071067811865475244n - 1000n);
    expect(await pair.totalSupply()).to.equal(7071067811865475244n);
  });
  it("a swap, and one that takes too much", async () => {
    const { a, b, pair, owner } = await loadFixture(pool);
    await a.transfer(await pair.getAddress(), ethers.parseEther("1"));
    const out = 1662497915624478906n;
    await expect(pair.swap(0, out + 1n, owner.address, "0x")).to.be.revertedWith("UniswapV2: K");
    await expect(pair.swap(0, out, owner.address, "0x")).to.emit(pair, "Swap").withArgs(owner.address, ethers.parseEther("1"), 0n, 0n, out, owner.address);
    expect((await pair.getReserves())[1]).to.equal(ethers.parseEther("10") - out);
    expect(await b.balanceOf(await pair.getAddress())).to.equal(ethers.parseEther("10") - out);
  });
  it("prices add up with time", async () => {
    const { pair } = await loadFixture(pool);
    const begun = (await pair.getReserves())[2];
    await time.setNextBlockTimestamp(begun + 10n);
    await pair.sync();
    expect(await pair.price0CumulativeLast()).to.equal(10n * 2n * (1n << 112n));
  });
  it("liquidity is taken back", async () => {
    const { a, b, pair, owner } = await loadFixture(pool);
    await pair.transfer(await pair.getAddress(), await pair.balanceOf(owner.address));
    await expect(pair.burn(owner.address)).to.emit(pair, "Burn");
    expect(await a.balanceOf(await pair.getAddress())).to.be.lessThan(1000n);
    expect(await b.balanceOf(await pair.getAddress())).to.be.lessThan(2000n);
  });
  it("only the setter sets", async () => {
    const { factory, other } = await loadFixture(pool);
    await expect(factory.connect(other).setFeeTo(other.address)).to.be.revertedWith("UniswapV2: FORBIDDEN");
  });
  it("a permit signed by a wallet", async () => {
    const { pair, owner, other } = await loadFixture(pool);
    const wallet = ethers.Wallet.createRandom(), deadline = (await time.latest()) + 3600;
    const { chainId } = await ethers.provider.getNetwork();
    const signature = ethers.Signature.from(await wallet.signTypedData({ name: "Uniswap V2", version: "1", chainId, verifyingContract: await pair.getAddress() },
      { Permit: [["owner", "address"], ["spender", "address"], ["value", "uint256"], ["nonce", "uint256"], ["deadline", "uint256"]].map(([name, type]) => ({ name, type })) },
      { owner: wallet.address, spender: other.address, value: 7n, nonce: 0n, deadline }));
    // The pair's own domain was made with chain id 1 where the machine had no CHAINID: EIP-712 by hand says which.
    const domain = await pair.DOMAIN_SEPARATOR();
    const expected = ethers.TypedDataEncoder.hashDomain({ name: "Uniswap V2", version: "1", chainId: 1n, verifyingContract: await pair.getAddress() });
    const permit = pair.connect(owner).permit(wallet.address, other.address, 7n, deadline, signature.v, signature.r, signature.s);
    if (domain === expected && chainId !== 1n) await expect(permit).to.be.revertedWith("UniswapV2: INVALID_SIGNATURE");
    else await expect(permit).to.emit(pair, "Approval").withArgs(wallet.address, other.address, 7n);
  });
});

describe("Uniswap v3 core", () => {
  const poolJson = built("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json");
  const One = 1n << 96n;

  async function pool() {
    const [owner, other] = await ethers.getSigners();
    const factory = await deploy(built("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json"));
    const [a, b] = await coins();
    await factory.createPool(await a.getAddress(), await b.getAddress(), 3000);
    const pool = new ethers.Contract(await factory.getPool(await a.getAddress(), await b.getAddress(), 3000), poolJson.abi, owner);
    const trader = await ethers.deployContract("Trader");
    for (const coin of [a, b]) await coin.transfer(await trader.getAddress(), ethers.parseEther("1000000"));
    return { factory, a, b, pool, trader, owner, other };
  }
  async function open() {
    const all = await pool();
    await all.pool.initialize(One);
    await all.trader.mint(await all.pool.getAddress(), -887220, 887220, ethers.parseEther("1000"));
    return all;
  }

  it("nothing before it has a price, and one only", async () => {
    const { pool: it, trader } = await loadFixture(pool);
    await expect(trader.mint(await it.getAddress(), -60, 60, 1n)).to.be.revertedWith("LOK");
    await expect(it.initialize(One)).to.emit(it, "Initialize").withArgs(One, 0n);
    await expect(it.initialize(One)).to.be.revertedWith("AI");
  });
  it("fees for all, twice for none", async () => {
    const { factory, a, b } = await loadFixture(pool);
    expect(await factory.feeAmountTickSpacing(500)).to.equal(10n);
    await expect(factory.createPool(await a.getAddress(), await b.getAddress(), 3000)).to.revert(ethers);
    await expect(factory.enableFeeAmount(100, 2)).to.emit(factory, "FeeAmountEnabled").withArgs(100n, 2n);
  });
  it("liquidity over all prices", async () => {
    const { pool: it, a } = await loadFixture(open);
    expect(await it.liquidity()).to.equal(ethers.parseEther("1000"));
    expect(await a.balanceOf(await it.getAddress())).to.equal(999999999999999999946n);
  });
  it("a swap moves the price, and stops at its limit", async () => {
    const { pool: it, trader } = await loadFixture(open);
    await expect(trader.swap(await it.getAddress(), true, ethers.parseEther("1"), 4295128740n)).to.emit(it, "Swap");
    expect((await it.slot0()).tick).to.equal(-20n);
    const limit = One * 99n / 100n;
    await trader.swap(await it.getAddress(), true, ethers.parseEther("1000"), limit);
    expect((await it.slot0()).sqrtPriceX96).to.equal(limit);
    await expect(trader.swap(await it.getAddress(), true, 1n, One)).to.be.revertedWith("SPL");
  });
  it("remembers where the price was", async () => {
    const { pool: it, trader } = await loadFixture(open);
    await it.increaseObservationCardinalityNext(4);
    await trader.swap(await it.getAddress(), true, ethers.parseEther("1"), 4295128740n);
    await time.increase(100);
    const [ticks] = await it.observe([100, 0]);
    expect(ticks[1] - ticks[0]).to.equal(-20n * 100n);
    await expect(it.observe([1_000_000])).to.be.revertedWith("OLD");
  });
  it("the protocol's share is its owner's to set", async () => {
    const { pool: it, other } = await loadFixture(open);
    await expect(it.connect(other).setFeeProtocol(6, 6)).to.revert(ethers);
    await expect(it.setFeeProtocol(6, 6)).to.emit(it, "SetFeeProtocol").withArgs(0n, 0n, 6n, 6n);
  });
});

describe("Seaport", () => {
  async function market() {
    const [offerer, fulfiller] = await ethers.getSigners();
    const [runner] = await ethers.getSigners();
    const controller = await new LocalConduitController__factory(runner).deploy();
    const contract = await new Seaport__factory(runner).deploy(await controller.getAddress());
    const nft = await new TestERC721__factory(runner).deploy();
    await contract.waitForDeployment();
    const seaport = new Seaport(offerer, { overrides: { contractAddress: await contract.getAddress() } });
    return { seaport, contract, nft, offerer, fulfiller };
  }
  async function listing({ seaport, nft, offerer }, more = {}) {
    await (await nft.mint(offerer.address, 1n)).wait();
    const { executeAllActions } = await seaport.createOrder({
      offer: [{ itemType: ItemType.ERC721, token: await nft.getAddress(), identifier: "1" }],
      startTime: String(await time.latest()),
      consideration: [{ amount: ethers.parseEther("10").toString(), recipient: offerer.address }], ...more,
    }, offerer.address);
    return executeAllActions();
  }

  it("a signed listing is fulfilled by who pays", async () => {
    const it = await market();
    const order = await listing(it);
    const buyer = new Seaport(it.fulfiller, { overrides: { contractAddress: await it.contract.getAddress() } });
    const { executeAllActions } = await buyer.fulfillOrder({ order, accountAddress: it.fulfiller.address });
    const transaction = await executeAllActions();
    expect((await transaction.wait()).status).to.equal(1);
    expect(await it.nft.ownerOf(1n)).to.equal(it.fulfiller.address);
  });
  it("a listing that was cancelled is none", async () => {
    const it = await market();
    const order = await listing(it);
    await (await it.seaport.cancelOrders([order.parameters], it.offerer.address).transact()).wait();
    await expect(it.contract.connect(it.fulfiller).fulfillOrder({ parameters: order.parameters, signature: order.signature }, ethers.ZeroHash, { value: ethers.parseEther("10") })).to.be.revertedWithCustomError(it.contract, "OrderIsCancelled");
  });
  it("a listing ends with its time", async () => {
    const it = await market();
    const order = await listing(it, { endTime: String((await time.latest()) + 1000) });
    await time.increase(2000);
    await expect(it.contract.connect(it.fulfiller).fulfillOrder({ parameters: order.parameters, signature: order.signature }, ethers.ZeroHash, { value: ethers.parseEther("10") })).to.be.revertedWithCustomError(it.contract, "InvalidTime");
  });
  it("a listing that was changed is nobody's", async () => {
    const it = await market();
    const order = await listing(it);
    const changed = { ...order.parameters, salt: "0x7" };
    await expect(it.contract.connect(it.fulfiller).fulfillOrder({ parameters: changed, signature: order.signature }, ethers.ZeroHash, { value: ethers.parseEther("10") })).to.be.revertedWithCustomError(it.contract, "InvalidSigner");
  });
});

describe("OpenZeppelin's timelock", () => {
  async function lock() {
    const [owner, other] = await ethers.getSigners();
    const lock = await ethers.deployContract("Lock", [3600n, [owner.address]]);
    await owner.sendTransaction({ to: await lock.getAddress(), value: ethers.parseEther("1") });
    const call = [other.address, ethers.parseEther("1"), "0x", ethers.ZeroHash, ethers.id("salt")];
    await lock.schedule(...call, 3600n);
    return { lock, call, owner, other };
  }

  it("not before its time, and then once", async () => {
    const { lock: it, call, other } = await loadFixture(lock);
    await expect(it.execute(...call)).to.be.revertedWithCustomError(it, "TimelockUnexpectedOperationState");
    await time.increase(3600);
    await expect(it.execute(...call)).to.changeEtherBalance(ethers, other, ethers.parseEther("1"));
    await expect(it.execute(...call)).to.be.revertedWithCustomError(it, "TimelockUnexpectedOperationState");
  });
  it("governs itself alone", async () => {
    const { lock: it, owner } = await loadFixture(lock);
    await expect(it.updateDelay(1n)).to.be.revertedWithCustomError(it, "TimelockUnauthorizedCaller").withArgs(owner.address);
    await helpers.impersonateAccount(await it.getAddress());
    await helpers.setBalance(await it.getAddress(), ethers.parseEther("2"));
    const itself = await ethers.getSigner(await it.getAddress());
    await expect(it.connect(itself).updateDelay(1n)).to.emit(it, "MinDelayChange").withArgs(3600n, 1n);
  });
  it("strangers are told which role they lack", async () => {
    const { lock: it, call, other } = await loadFixture(lock);
    await expect(it.connect(other).schedule(...call, 3600n)).to.be.revertedWithCustomError(it, "AccessControlUnauthorizedAccount").withArgs(other.address, await it.PROPOSER_ROLE());
  });
});
