// A Hardhat 3 project as its users write them: helpers that bend the chain, matchers that read its errors.
// `--network hufu` runs the same tests on the node at HUFU_URL, `--network default` on Hardhat's own.
import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatHelpers from "@nomicfoundation/hardhat-network-helpers";

const require = createRequire(import.meta.url);

export default {
  plugins: [hardhatEthers, hardhatMatchers, hardhatMocha, hardhatHelpers],
  solidity: { compilers: [{ version: "0.8.37", path: require.resolve("solc/soljson.js"), settings: { evmVersion: "cancun" } }] },
  networks: {
    hufu: { type: "http", chainType: "l1", url: process.env.HUFU_URL ?? "http://127.0.0.1:8545" },
  },
  test: { mocha: { timeout: 120_000 } },
};
