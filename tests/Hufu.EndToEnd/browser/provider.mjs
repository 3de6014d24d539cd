// Signing in at an OpenID provider of another site: node provider.mjs URL PROVIDER
import assert from "node:assert/strict";
import { act, open } from "./visit.mjs";

const [url, provider] = process.argv.slice(2);
const visit = await open(url);
const { page, context } = visit;
const main = () => page.locator("main").innerText();

// From a page that asks who comes, to the provider and back to that page.
await visit.go("/accounts");
assert.match(page.url(), /\/sign-in\?back=/);
await page.locator('main a[href^="/sign-in/provider"]').click();
assert.ok(page.url().startsWith(provider), page.url());
await page.locator("input[name=login]").fill("clerk.ann");
await page.locator("button").click();
await page.waitForURL(`${url}/accounts`);
assert.match(await page.locator(".shell-who").innerText(), /oidc:ann/);
const cookies = await context.cookies(url);
const session = cookies.find(one => one.name === "hufu-session");
assert.deepEqual([session.httpOnly, session.sameSite], [true, "Strict"]);
assert.equal(cookies.some(one => /Nonce|Correlation/.test(one.name)), false, "what the flow needed is left behind");

// With the rights of the role, and no others.
await act(visit, "setup", {});
await act(visit, "open-account", { name: "till" });
await visit.go("/do/mint");
assert.match(await main(), /does not open this/);

// Signed out is signed out.
await page.locator(".shell-who button").click();
await visit.go("/accounts");
assert.match(page.url(), /\/sign-in/);

// Who changes their mind there comes back with a word, and not as somebody.
await page.locator('main a[href^="/sign-in/provider"]').click();
await page.locator("input[name=login]").fill("cancel");
await page.locator("button").click();
await page.waitForURL(/\/sign-in\?refused=provider/);
assert.match(await main(), /were not signed in/);

// An answer that this browser never asked for is none.
await visit.go("/sign-in/return?code=abc&state=def");
assert.match(page.url(), /refused=provider/);
// A page that is to be come back to is one of ours.
await visit.go("/sign-in/provider?back=" + encodeURIComponent("//elsewhere.example"));
await page.locator("input[name=login]").fill("owner.bob");
await page.locator("button").click();
await page.waitForURL(`${url}/`);
assert.match(await page.locator(".shell-who").innerText(), /oidc:bob/);

await visit.end();
