// The console alone, and the services with it, before a chain of another program: node other-chain.mjs CONSOLE SERVICES RPC
import assert from "node:assert/strict";
import { act, open } from "./visit.mjs";

const [alone, services, rpc] = process.argv.slice(2);
async function ask(method, ...params) {
  const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  return (await answer.json()).result;
}

// The services: set up, a coin, a payment, its tally.
const visit = await open(services);
const main = () => visit.page.locator("main").innerText();
await act(visit, "setup", {});
for (const name of ["alice", "shop"]) await act(visit, "open-account", { name });
await act(visit, "attest", { amount: "500", report: "Reserve report of today" });
await act(visit, "mint", { to: "alice", amount: "100" });
await act(visit, "pay", { payer: "alice", payee: "shop", amount: "12.50", reference: "INV-1" }, { words: ["alice", "12.50", "shop"] });
await act(visit, "pay", { payer: "alice", payee: "shop", amount: "12.50", reference: "INV-1" }, { fails: true });
await visit.go("/payments");
assert.match(await main(), /INV-1[\s\S]*12\.5/);
const link = await visit.page.locator('main a[href$="/tally"]').first().getAttribute("href");
const tally = await (await fetch(services + link)).json();
assert.ok(JSON.stringify(tally).length > 500);
await act(visit, "record", { lot: "MANGO-7", quantity: "1200" });
await visit.go("/trace/01/09521141012345/10/MANGO-7");
assert.match(await main(), /All 1 steps stand on the ledger/);
await visit.go("/operations");
assert.match(await main(), /anvil/);
await visit.end();

// The console alone reads the same chain: in words where contracts speak a standard, and it sends from the node's accounts.
const [from, to] = await ask("eth_accounts");
const hash = await ask("eth_sendTransaction", { from, to, value: "0x29a2241af62c0000" });
const explorer = await open(alone);
const seen = () => explorer.page.locator("main").innerText();
await explorer.go("/");
assert.match(await seen(), /Head of the chain/);
await explorer.go(`/transaction/${hash}`);
assert.match(await seen(), /sent[\s\S]*3/);
await explorer.go(`/account/${to}`);
assert.match(await seen(), /10,?003/);
await explorer.go("/blocks");
await explorer.page.locator('main a[href^="/block/"]').first().click();
assert.match(await seen(), /Block/);
for (const path of ["/operations", "/operations/pool", "/operations/peers", "/logs", "/contracts", "/coin", "/payments/bank", "/trace/sheet"]) assert.ok((await explorer.go(path)).status() < 400, path);
await explorer.go("/coin");
assert.match(await seen(), /No services run here/);
await explorer.end();
