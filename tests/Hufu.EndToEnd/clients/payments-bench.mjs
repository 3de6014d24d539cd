// Payments through the REST door beside the same payments made by hand with ethers, on one chain, in turns.
// node payments-bench.mjs RPC CONSOLE [payments a turn] [turns]
import { ethers } from "ethers";

const [rpc, console_, count = "500", turns = "2"] = process.argv.slice(2);
const api = console_ + "/api/v1";
const N = Number(count), AT_ONCE = 64;
const run = Date.now().toString(36);
async function post(path, key, body) {
  const answer = await fetch(`${api}/${path}`, { method: "POST", headers: { "content-type": "application/json", "Idempotency-Key": key }, body: JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json;
}
const provider = new ethers.JsonRpcProvider(rpc, undefined, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 });
provider.pollingInterval = 20;
// hufu up's accounts 3 and 4: the payer who signs, and who sends it in.
const words = ethers.Mnemonic.fromPhrase("test test test test test test test test test test test junk");
const wallet = (index) => ethers.HDNodeWallet.fromMnemonic(words, `m/44'/60'/0'/0/${index}`).connect(provider);
const payer = wallet(3), relayer = wallet(4);
await post("accounts", run + "-a", { name: "bench-payer" });
await post("accounts", run + "-s", { name: "bench-shop" });
await post("stablecoin/reserve/attestations", run + "-r", { amount: "100000000", report: run }).catch(() => {});
await post("stablecoin/mints", run + "-m1", { to: "bench-payer", amount: "20000" });
await post("stablecoin/mints", run + "-m2", { to: payer.address, amount: "20000" });
const platform = await (await fetch(api + "/platform")).json();
const at = (name) => platform.contracts.find((one) => one.name === name).address;
const shop = (await (await fetch(api + "/accounts")).json()).find((one) => one.name === "bench-shop").address;
const payments = new ethers.Contract(at("Payments"), ["function payWithAuthorization((address token, address payer, address payee, uint256 amount, bytes32 reference_) payment, bytes32 salt, uint256 validAfter, uint256 validBefore, uint8 v, bytes32 r, bytes32 s) returns (bytes32)"], relayer);
const coder = ethers.AbiCoder.defaultAbiCoder();
const { chainId } = await provider.getNetwork();
const domain = { name: "Hufu Dollar", version: "1", chainId, verifyingContract: at("Stablecoin") };
const types = { ReceiveWithAuthorization: ["from", "to", "value", "validAfter", "validBefore", "nonce"].map((name) => ({ name, type: { from: "address", to: "address", nonce: "bytes32" }[name] ?? "uint256" })) };

async function load(one) {
  const times = [];
  let next = 0;
  const begin = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (next < N) {
      const i = next++, start = performance.now();
      await one(i);
      times.push(performance.now() - start);
    }
  }));
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  return { perSecond: Math.round(N / seconds), p50: Math.round(times[N >> 1]), p99: Math.round(times[Math.floor(N * 0.99)]) };
}
for (let turn = 0; turn < Number(turns); turn++) {
  const rest = await load((i) => post("payments", `${run}-${turn}-${i}`, { payer: "bench-payer", payee: "bench-shop", amount: "0.01", reference: `${run}/${turn}/${i}` }));
  let nonce = await provider.getTransactionCount(relayer.address);
  const byHand = await load(async (i) => {
    const reference = ethers.encodeBytes32String(`h${run}/${turn}/${i}`), salt = ethers.hexlify(ethers.randomBytes(32));
    const message = { from: payer.address, to: at("Payments"), value: 10000n, validAfter: 0n, validBefore: ethers.MaxUint256, nonce: ethers.keccak256(coder.encode(["address", "bytes32", "bytes32"], [shop, reference, salt])) };
    const { v, r, s } = ethers.Signature.from(await payer.signTypedData(domain, types, message));
    const sent = await payments.payWithAuthorization([at("Stablecoin"), payer.address, shop, 10000n, reference], salt, 0n, ethers.MaxUint256, v, r, s, { nonce: nonce++, gasLimit: 250000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n });
    if ((await sent.wait()).status !== 1) throw new Error("refused");
  });
  console.log(JSON.stringify({ turn, payments: N, atOnce: AT_ONCE, rest, byHand }));
}
process.exit(0);
