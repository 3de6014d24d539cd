// npx hardhat run scripts/deploy.mjs --network hufu
import assert from "node:assert/strict";
import { network } from "hardhat";

const { ethers } = await network.getOrCreate();
const [alice, bob] = await ethers.getSigners();
const token = await ethers.deployContract("ProjectToken");
await token.waitForDeployment();
await (await token.transfer(bob.address, 5n)).wait();
assert.equal(await token.balanceOf(bob.address), 5n);
await assert.rejects(token.connect(bob).transfer(alice.address, 6n));
console.log(`ok deployed at ${await token.getAddress()}`);
