// From an empty chain to a coin, a payment, a clearing cycle, a statement, a tally, and a lot of mangoes: node newcomer.mjs URL LANGUAGE SIZE SCRIPTS
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { act, open } from "./visit.mjs";

const [url, language, size, scripts, hufu] = process.argv.slice(2);
const visit = await open(url, { language, size, scripts: scripts === "scripts" });
const { page } = visit;
const main = () => page.locator("main").innerText();

await visit.go("/");
assert.match(await main(), language === "en" ? /proofs you can hold/ : /凭证握在手中/);
assert.equal(await page.locator("html").getAttribute("lang"), language);

await visit.go("/coin");
assert.match(await main(), language === "en" ? /not set up on this chain yet/ : /尚未启用服务/);
await act(visit, "setup", {});
for (const name of ["alice", "shop", "farm", "market"]) await act(visit, "open-account", { name });

// Nothing is issued before the reserve is attested, nor above it.
await act(visit, "mint", { to: "alice", amount: "10" }, { fails: true });
await act(visit, "attest", { amount: "5000", report: "Reserve report of today" }, { words: ["5000"] });
await act(visit, "mint", { to: "alice", amount: "5001" }, { fails: true });
await act(visit, "mint", { to: "alice", amount: "2500" }, { words: ["2500", "alice"] });
await act(visit, "mint", { to: "shop", amount: "1000" });
await visit.go("/coin");
assert.match(await main(), /3,500/);

await act(visit, "pay", { payer: "alice", payee: "shop", amount: "12.50", reference: "INV-2026-0117" }, { words: ["alice", "12.50", "shop", "INV-2026-0117"] });
assert.match(await main(), /12\.5/);
const [download] = await Promise.all([page.waitForEvent("download"), page.locator("main a.main[download]").click()]);
const tally = await download.path();
// The explorer tells of it what a bookkeeper asks, and what a developer does.
await page.locator('main a[href^="/transaction/"]:not([download])').first().click();
assert.match(await main(), language === "en" ? /Who has more[\s\S]*alice[\s\S]*−\s*12\.5[\s\S]*shop[\s\S]*\+\s*12\.5/ : /余额变化[\s\S]*alice[\s\S]*−\s*12\.5[\s\S]*shop[\s\S]*\+\s*12\.5/);
assert.ok(await page.locator("main .calls li").count() > 1, "no call of a contract is shown");
await act(visit, "pay", { payer: "alice", payee: "shop", amount: "12.50", reference: "INV-2026-0117" }, { fails: true });

// The tally holds: for the console, and for the command, which asks nobody.
await visit.go("/tally");
await page.locator("input[type=file]").setInputFiles({ name: "payment.tally.json", mimeType: "application/json", buffer: (await import("node:fs")).readFileSync(tally) });
await page.locator("main button.main").click();
assert.match(await main(), language === "en" ? /The tally holds/ : /凭证有效/);
assert.match(execFileSync("dotnet", [hufu, "verify", tally], { encoding: "utf8" }), /The tally holds/);
const damaged = (await import("node:fs")).readFileSync(tally, "utf8").replace("12500000", "92500000");
await visit.go("/tally");
await page.locator("input[type=file]").setInputFiles({ name: "damaged.tally.json", mimeType: "application/json", buffer: Buffer.from(damaged) });
await page.locator("main button.main").click();
assert.match(await main(), language === "en" ? /does not hold/ : /凭证无效/);

for (const name of ["alice", "shop"]) {
  await act(visit, "admit", { account: name });
  await act(visit, "deposit", { participant: name, amount: "200" });
}
await act(visit, "owe", { debtor: "alice", creditor: "shop", amount: "150", reference: "TRADE-1" });
await act(visit, "owe", { debtor: "shop", creditor: "alice", amount: "120", reference: "TRADE-2" });
await act(visit, "settle", {});
await visit.go("/payments/clearing");
assert.match(await main(), /\+30/);

await visit.go("/accounts");
await page.locator('a[href$="/statement"]').first().click();
assert.match(await main(), /INV-2026-0117/);
assert.match(await main(), /2,287\.5/);

await act(visit, "record", { lot: "MANGO-7", quantity: "1200" }, { words: ["MANGO-7"] });
await act(visit, "record", { lot: "MANGO-7", quantity: "1200", step: "shipping" });
await act(visit, "hand-over", { lot: "MANGO-7", giver: "farm", receiver: "market" });
// As a phone does that scans the code.
await visit.go("/01/09521141012345/10/MANGO-7");
assert.match(await main(), language === "en" ? /All 2 steps stand on the ledger/ : /全部 2 个环节均已上链/);
assert.equal(await page.locator("img.qr").count(), 1);

// Whatever stands on a paper in somebody's hand finds its page.
await visit.go("/search?q=INV-2026-0117");
assert.match(await main(), /12\.50/);
await visit.go("/search?q=mango-7");
assert.match(page.url(), /\/trace\/01\/09521141012345\/10\/MANGO-7/);
await visit.go("/search?q=" + (language === "en" ? "hufu dollar" : "虎符美元"));
assert.match(await main(), language === "en" ? /Who holds most[\s\S]*alice[\s\S]*65\.35 %/ : /主要持有人[\s\S]*alice[\s\S]*65\.35 %/);

// The first steps know what was done, and what comes next.
await visit.go("/start/issuer");
assert.match(await main(), language === "en" ? /4 of 5 done/ : /已完成 4 \/ 5 步/);
assert.equal(await page.locator("main .steps > li.now").count(), 1);

await visit.end();
