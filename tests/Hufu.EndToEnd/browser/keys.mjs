// With keys: who has none is led to sign in, who has one sees and does what it opens, and is told why not for the rest: node keys.mjs URL OWNER-KEY TILL-KEY
import assert from "node:assert/strict";
import { act, open } from "./visit.mjs";

const [url, owner, till] = process.argv.slice(2);
const visit = await open(url);
const { page, context } = visit;
const main = () => page.locator("main").innerText();

async function signIn(key, back = "") {
  await visit.go("/sign-in" + (back ? `?back=${encodeURIComponent(back)}` : ""));
  await page.locator("#secret").fill(key);
  await page.locator("main form button.main").click();
}

// Nobody sees anything, and is led back to where they wanted to go; the key stands in no address.
await visit.go("/accounts");
assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, "/sign-in?back=%2Faccounts");
await signIn("a".repeat(40));
assert.match(await main(), /No key is known/);
await signIn(owner, "/accounts");
assert.equal(new URL(page.url()).pathname, "/accounts");
const [session] = (await context.cookies()).filter(one => one.name === "hufu-session");
assert.ok(session.httpOnly && session.sameSite === "Strict" && !session.value.includes(owner), JSON.stringify(session));

// A page of another site, and a request without a token, change nothing.
const foreign = await fetch(url + "/do/open-account", { method: "POST", headers: { cookie: `hufu-session=${session.value}`, origin: "https://elsewhere.example", "content-type": "application/x-www-form-urlencoded" }, body: "_handler=act&key=018f4b6e2c0a7c3f8a1b2c3d4e5f6071&name=stolen" });
assert.equal(foreign.status, 403);
const forged = await fetch(url + "/do/open-account", { method: "POST", headers: { cookie: `hufu-session=${session.value}`, origin: url, "content-type": "application/x-www-form-urlencoded" }, body: "_handler=act&key=018f4b6e2c0a7c3f8a1b2c3d4e5f6071&name=stolen" });
assert.equal(forged.status, 400);
const bare = await fetch(url + "/api/v1/accounts", { method: "POST", headers: { cookie: `hufu-session=${session.value}`, "idempotency-key": "x", "content-type": "application/json" }, body: '{"name":"stolen"}' });
assert.equal(bare.status, 401);

await act(visit, "setup", {});
await act(visit, "open-account", { name: "vault" });
await act(visit, "attest", { amount: "5000", report: "Reserve report of today" });
await act(visit, "mint", { to: "vault", amount: "1000" });
await page.locator(".shell-who button").click();
assert.equal(new URL(page.url()).pathname, "/sign-in");
// The session is over, not only forgotten.
const old = await fetch(url + "/accounts", { headers: { cookie: `hufu-session=${session.value}` }, redirect: "manual" });
assert.equal(old.status, 302);

// The till opens accounts and pays. It sees the coin's page, but none of its acts is a button there.
await signIn(till);
assert.match(await page.locator(".shell-who").innerText(), /till/);
await visit.go("/coin");
assert.equal(await page.locator('main a[href^="/do/mint"]').count(), 0);
await page.locator("main details.soft summary").first().click();
assert.match(await main(), /Issue coins: takes the right stablecoin\.mint/);
await visit.go("/do/mint?look=1&to=vault&amount=5");
assert.match(await main(), /Your key does not open this[\s\S]*stablecoin\.mint[\s\S]*accounts\.open/);
assert.equal(await page.locator("main form[method=post]").count(), 0);
// Nor does a form that was made by hand, token and all.
const token = await page.locator(".shell-choices input[name=__RequestVerificationToken]").first().inputValue();
const refused = await page.evaluate(async token => (await fetch("/do/mint", { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ _handler: "act", __RequestVerificationToken: token, key: "018f4b6e2c0a7c3f8a1b2c3d4e5f6072", to: "vault", amount: "5" }) })).status, token);
assert.notEqual(refused, 200);

// It signs with accounts that it opened itself, and not with those of others.
await act(visit, "open-account", { name: "shop" });
await visit.go("/do/pay");
assert.deepEqual(await page.locator('main select[name="payer"] option').allInnerTexts(), ["shop"]);
await visit.go("/do/pay?look=1&payer=vault&payee=shop&amount=1&reference=NOT-MINE");
await page.locator("main form[method=post] button.main").click();
assert.match(await main(), /till may not sign for vault/);

// Every change that was asked for stands in the log, under the name of who asked.
await visit.go("/operations/audit");
assert.match(await main(), /Every line follows/);
for (const line of [/anyone[\s\S]*POST \/sign-in/, /owner[\s\S]*POST \/do\/mint/, /till[\s\S]*POST \/do\/pay/]) assert.match(await main(), line);

// What a shopper scans is for everybody.
await page.locator(".shell-who button").click();
assert.equal((await visit.go("/trace/01/09521141012345/10/NONE")).status(), 404);
assert.doesNotMatch(page.url(), /sign-in/);
await visit.end();
