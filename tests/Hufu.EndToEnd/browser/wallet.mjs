// A wallet of the browser (EIP-6963) signs what the page told before: node wallet.mjs URL RPC TOKEN
import assert from "node:assert/strict";
import { open } from "./visit.mjs";

const [url, rpc, contract] = process.argv.slice(2);
const visit = await open(url);
const { page } = visit;
const asked = [];
// The wallet stands outside of the page, as extensions do: it reaches the chain by itself.
await page.exposeFunction("walletAsk", async (method, params) => {
  asked.push(method);
  if (method === "eth_requestAccounts") method = "eth_accounts";
  const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: params ?? [] }) });
  const { result, error } = await answer.json();
  if (error) throw new Error(error.message);
  return result;
});
await page.addInitScript(() => {
  const provider = { request: ({ method, params }) => window.walletAsk(method, params) };
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info: { uuid: "1", name: "Test Wallet", icon: "data:,", rdns: "example" }, provider }) }));
  window.addEventListener("eip6963:requestProvider", announce);
});
await visit.go(`/account/${contract}/call?f=a9059cbb&a0=0x70997970C51812dc3A010C7d01b50e0d17dc79C8&a1=5`);
assert.match(await page.locator("main .sentence").innerText(), /You send/);
assert.match(await page.locator("main .notice.good").innerText(), /It would succeed/);
await page.getByRole("button", { name: "Sign with Test Wallet" }).click();
await page.waitForURL(/\/transaction\/0x/);
await page.locator(".mark.good").first().waitFor();
assert.ok(asked.includes("eth_chainId") && asked.includes("eth_sendTransaction"), asked.join());

// One that would fail says so before anybody signs.
await visit.go(`/account/${contract}/call?f=a9059cbb&a0=0x70997970C51812dc3A010C7d01b50e0d17dc79C8&a1=5&from=0x70997970C51812dc3A010C7d01b50e0d17dc7900`);
assert.match(await page.locator("main .notice.bad").innerText(), /It would be refused[\s\S]*ERC20InsufficientBalance/);
await visit.end();
