// Signing in at an OpenID provider of another site, which runs here: node provider.mjs URL PORT CLIENT SECRET
import assert from "node:assert/strict";
import { Provider } from "oidc-provider";
import { act, open } from "./visit.mjs";

const [url, port, client, secret] = process.argv.slice(2);
const challenges = [];
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: [`${url}/sign-in/return`], token_endpoint_auth_method: "client_secret_post" }],
  // The browser's half of the flow alone opens nothing: the code is bound to a secret that only the console has (RFC 7636).
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["roles"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, roles: [id.split(".")[0]] }) }),
  cookies: { keys: ["of a test"] },
});
provider.on("authorization_code.saved", code => challenges.push(code.codeChallengeMethod));
const server = provider.listen(Number(port), "localhost");
const visit = await open(url);
const { page, context } = visit;
const main = () => page.locator("main").innerText();

async function signIn(name) {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  // The first time it asks whether the console may know who one is.
  if (await page.getByRole("button", { name: "Continue" }).count() > 0) await page.getByRole("button", { name: "Continue" }).click();
}

// From a page that asks who comes, to the provider and back to that page.
await visit.go("/accounts");
assert.match(page.url(), /\/sign-in\?back=/);
await page.locator('main a[href^="/sign-in/provider"]').click();
assert.ok(page.url().startsWith(`http://localhost:${port}`), page.url());
await signIn("clerk.ann");
await page.waitForURL(`${url}/accounts`);
assert.match(await page.locator(".shell-who").innerText(), /oidc:clerk\.ann/);
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
await context.clearCookies({ domain: "localhost" });
await page.locator('main a[href^="/sign-in/provider"]').click();
await page.locator('a[href*="abort"]').click();
await page.waitForURL(/\/sign-in\?refused=provider/);
assert.match(await main(), /were not signed in/);

// An answer that this browser never asked for is none.
await visit.go("/sign-in/return?code=abc&state=def");
assert.match(page.url(), /refused=provider/);

// A page to come back to is one of ours.
await visit.go("/sign-in/provider?back=" + encodeURIComponent("//elsewhere.example"));
await signIn("owner.bob");
await page.waitForURL(`${url}/`);
assert.match(await page.locator(".shell-who").innerText(), /oidc:owner\.bob/);
assert.ok(challenges.length >= 2 && challenges.every(one => one === "S256"), `${challenges}`);

// What the provider's own pages lack is not ours to judge.
visit.faults.splice(0, Infinity, ...visit.faults.filter(one => one.startsWith(url)));
await visit.end();
server.close();
