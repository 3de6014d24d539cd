// A plain Hardhat 3 project: npm's compiler (nothing to download), and one network, the node under test.
import { createRequire } from "node:module";
import hardhatEthers from "@nomicfoundation/hardhat-ethers";

const require = createRequire(import.meta.url);

export default {
  plugins: [hardhatEthers],
  solidity: { compilers: [{ version: "0.8.37", path: require.resolve("solc/soljson.js"), settings: { evmVersion: "cancun" } }] },
  networks: {
    hufu: {
      type: "http",
      chainType: "l1",
      url: process.env.HUFU_URL ?? "http://127.0.0.1:8545",
      accounts: { mnemonic: "test test test test test test test test test test test junk" },
    },
  },
};
