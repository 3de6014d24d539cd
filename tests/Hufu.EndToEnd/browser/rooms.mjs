// The rooms behind the first steps, after newcomer.mjs: pay over time, escrow, lawful orders, banks' files, recalls, certificates, mass balance, capture by sheet and by
// a phone without network, webhooks, jobs, and signing with a wallet of one's own: node rooms.mjs URL RPC
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { act, open } from "./visit.mjs";

const [url, rpc] = process.argv.slice(2);
const visit = await open(url, { size: "phone" });
const { page, context } = visit;
const main = () => page.locator("main").innerText();
const see = async (path, ...patterns) => {
  await visit.go(path);
  for (const pattern of patterns) assert.match(await main(), pattern, path);
};

async function ask(method, ...params) {
  const answer = await fetch(rpc, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = await answer.json();
  if (error) throw new Error(error.message);
  return result;
}

// ---- pay over time, escrow, lawful orders ----
await act(visit, "open-stream", { payer: "alice", payee: "shop", amount: "12", step: "1", steps: "4" }, { words: ["12", "alice", "shop", "second"] });
await see("/payments/streams", /No\. 0/, /12\s+HUSD/);
// Something has to fall due first, by the clock of blocks, which is ahead of ours where blocks came faster than one a second.
const begun = Number((await ask("eth_getBlockByNumber", "latest", false)).timestamp);
await page.waitForTimeout(Math.max(0, (begun + 2) * 1000 - Date.now()) + 200);
await act(visit, "collect", { id: "0" });
await act(visit, "open-deal", { payer: "alice", payee: "shop", amount: "20", days: "3", arbiter: "market" });
await see("/payments/escrow", /No\. 0[\s\S]*held/);
await act(visit, "release", { id: "0", amount: "5" });
await act(visit, "dispute", { id: "0", account: "shop", evidence: "Photos" });
await act(visit, "arbitrate", { id: "0", toPayee: "10" });
await see("/payments/escrow", /closed/, /Returned/);
await act(visit, "order", { kind: "freeze", account: "market", document: "Order 17" }, { words: ["Order 17", "market"] });
await act(visit, "confirm-order", { document: "Order 17" });
await see("/coin/orders", /freeze[\s\S]*confirmed/, /Frozen now/);
await see("/coin/liabilities?account=shop", /nobody was left out/, /Counted/);
await see("/coin/liabilities?account=farm", /holds no coins/);

// ---- banks' files ----
const order = (id, payments) => Buffer.from(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr><MsgId>${id}</MsgId><CreDtTm>2026-07-22T08:00:00Z</CreDtTm><NbOfTxs>2</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>${payments.map(([amount, to], at) => `<CdtTrfTxInf><PmtId><EndToEndId>${id}-${at}</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f10${at}</UETR></PmtId><IntrBkSttlmAmt Ccy="USD">${amount}</IntrBkSttlmAmt><IntrBkSttlmDt>2026-07-22</IntrBkSttlmDt><ChrgBr>SLEV</ChrgBr><Dbtr><Nm>Alice</Nm></Dbtr><DbtrAcct><Id><Othr><Id>alice</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>ABCDGBEFXXX</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>ABCDDEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Shop</Nm></Cdtr><CdtrAcct><Id><Othr><Id>${to}</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>`).join("")}</FIToFICstmrCdtTrf></Document>`);
async function give(path, name, buffer) {
  await visit.go(path);
  await page.locator("main input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  await page.locator('main form:has(input[type="file"]) button.main').click();
}
const file = order("E2E", [["7.25", "shop"], ["1.00", "nobody"]]);
await give("/payments/bank", "broken.xml", Buffer.from(file.toString().replace("<NbOfTxs>2<", "<NbOfTxs>3<")));
assert.match(await main(), /faults: 1/);
await give("/payments/bank", "order.xml", file);
assert.match(await main(), /2 payments will be made/);
await page.locator("main form[method=post] button.main").first().click();
assert.match(await main(), /What happened[\s\S]*settled[\s\S]*refused/);
const [report] = await Promise.all([page.waitForEvent("download"), page.locator('main a[href^="/payments/bank/report/"]').click()]);
assert.equal(report.suggestedFilename(), "order.pacs002.xml");
const statement = await (await fetch(`${url}/api/v1/accounts/shop/statement.camt053`)).text();
await give("/payments/bank", "statement.xml", Buffer.from(statement.replace(/<Amt Ccy="USD">7\.25</, '<Amt Ccy="USD">7.26<')));
await page.locator("#account").fill("shop");
await page.locator("main form:has(#account) button.main").click();
assert.match(await main(), /do not[\s\S]*amounts differ/i);
const waiting = await page.locator('main a[href^="/do/close-exception"]').count();
await page.locator('main a[href^="/do/close-exception"]').first().click();
await page.locator("#f-note").fill("the bank's slip");
await page.locator("main form button.main").click();
await page.locator("main form[method=post] button.main").click();
assert.match(await main(), /off the queue/);
await visit.go("/payments/bank");
assert.equal(await page.locator('main a[href^="/do/close-exception"]').count(), waiting - 1);

// ---- the supply chain ----
await act(visit, "record", { lot: "JUICE-1", quantity: "300", from: "09521141012345/MANGO-7/400" });
await see("/trace/balance?thing=09521141012345/JUICE-1", /It adds up/);
await see("/trace/balance?thing=09521141012345/JUICE-1&yield=0.5", /does not add up/);
await act(visit, "certify", { subject: "9521141000007", standard: "GLOBALG.A.P. IFA 6", issuer: "Control Union", from: "2026-01-01", until: "2030-01-01" });
await see("/trace/certificates", /GLOBALG\.A\.P\.[\s\S]*valid/);
await see("/trace/01/09521141012345/10/JUICE-1", /Certificates[\s\S]*GLOBALG/);
await act(visit, "recall", { lots: "09521141012345/MANGO-7", reason: "a drill in spring", drill: "yes" }, { words: ["MANGO-7", "a drill in spring"] });
await see("/trace/recalls", /a drill in spring/, /JUICE-1/, /open/);
await page.locator('main a[href^="/do/close-recall"]').first().click();
await page.locator("#f-report").fill("all found");
await page.locator("main form button.main").click();
await page.locator("main form[method=post] button.main").click();
await see("/trace/recalls", /closed/);

// ---- capture: a spreadsheet ----
const rows = lines => Buffer.from(["Product number;Lot;Step;Quantity;Unit;Place (GLN);Time (UTC)", ...lines].join("\r\n"));
const good = ["09521141012345;SHEET-1;packing;40;kg;9521141000007;2026-07-20 06:00", "09521141012345;SHEET-1;shipping;40;kg;9521141000007;2026-07-20 09:00"];
await give("/trace/sheet", "lots.csv", rows([good[0], "09521141012346;SHEET-1;wrapping;-1;kg;9521141000008;yesterday"]));
for (const column of ["A", "C", "D", "F", "G"]) assert.equal(await page.locator(`main tbody tr:has(td:text-is("3")):has(strong:text-is("${column}"))`).count(), 1, `row 3, column ${column}: ${await main()}`);
await give("/trace/sheet", "lots.csv", rows(good));
assert.match(await main(), /What will be recorded: 2 steps/);
await page.locator("main form[method=post] button.main").first().click();
assert.match(await main(), /2 steps are recorded/);
await give("/trace/sheet", "lots.csv", rows(good));
await page.locator("main form[method=post] button.main").first().click();
assert.match(await main(), /recorded before/);
const template = Buffer.from(await (await fetch(`${url}/trace/sheet/template.xlsx`)).arrayBuffer());
await give("/trace/sheet", "hufu-lots.xlsx", template);
assert.match(await main(), /What will be recorded: 1 step|still to come/);
await give("/trace/sheet", "noise.xlsx", Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.alloc(400, 7)]));
assert.match(await main(), /no spreadsheet that can be read/);

// ---- capture: a phone, without a network ----
await page.addInitScript(() => {
  // This Chromium has no detector of codes: one that always sees the same label.
  window.BarcodeDetector = class { async detect() { return [{ rawValue: "https://example.org/01/09521141012345/10/FIELD-9" }]; } };
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
});
await visit.go("/capture");
await page.waitForFunction(() => navigator.serviceWorker.ready.then(() => caches.open("hufu-capture")).then(cache => cache.keys()).then(keys => keys.length > 3));
await context.setOffline(true);
await visit.go("/capture");
await page.locator("button[data-scan]").click();
await page.waitForFunction(() => document.getElementById("lot").value === "FIELD-9");
await page.locator("#quantity").fill("25");
await page.locator("main form.capture > button.main").click();
await page.locator("[data-waiting] .mark.wait").waitFor();
assert.match(await main(), /No network/);
// Closed and opened again, it is still there.
await visit.go("/capture");
await page.locator("[data-waiting] .mark.wait").waitFor();
await context.setOffline(false);
await page.evaluate(() => dispatchEvent(new Event("online")));
await page.locator("[data-waiting] .mark.good").waitFor();
// What the phone did not hear of is sent again, and is the same.
const again = await page.evaluate(async () => {
  const database = await new Promise(done => { const asked = indexedDB.open("hufu-capture", 1); asked.onsuccess = () => done(asked.result); });
  const [one] = await new Promise(done => { const asked = database.transaction("steps").objectStore("steps").getAll(); asked.onsuccess = () => done(asked.result); });
  return (await fetch("/capture/steps", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...one.fields, id: one.id }) })).json();
});
assert.equal(again.isNew, false);
await page.locator("[data-waiting] a").click();
assert.equal(await page.locator(".journey > li").count(), 1);

// ---- webhooks and jobs ----
const heard = [];
let answer = 200;
const subscriber = createServer((request, reply) => {
  heard.push(request.headers["webhook-signature"]);
  reply.writeHead(answer).end();
});
await new Promise(done => subscriber.listen(0, "127.0.0.1", done));
const address = `http://127.0.0.1:${subscriber.address().port}/hook`;
await act(visit, "add-webhook", { url: address, kinds: "*" }, { words: [address] });
assert.match(await page.locator("main code.command").innerText(), /^whsec_/);
assert.doesNotMatch(page.url(), /whsec/);
await visit.go("/operations/webhooks");
await page.locator('main a[href^="/do/test-webhook"]').click();
await page.locator("main form button.main").click();
await page.locator("main form[method=post] button.main").click();
assert.match(await main(), /has taken the test notice/);
assert.match(heard[0], /^v1,/);
answer = 500;
await act(visit, "pay", { payer: "alice", payee: "shop", amount: "1", reference: "HOOK-1" });
for (let round = 0; round < 40 && await page.locator('main a[href^="/do/retry-notice"]').count() === 0; round++) await visit.go("/operations/webhooks");
answer = 200;
await page.locator('main a[href^="/do/retry-notice"]').first().click();
await page.locator("main form[method=post] button.main").click();
assert.match(await main(), /on its way again/);
await see("/operations/jobs", /payments\.refund-expired/);
await page.locator('main a[href^="/do/run-job"]').first().click();
await page.locator("main form[method=post] button.main").click();
assert.match(await main(), /has run/);
await act(visit, "forbid", { act: "escrow.open", reason: "sanctions", words: "a test of rules" });
await act(visit, "open-deal", { payer: "alice", payee: "shop", amount: "1", days: "3" }, { fails: true });
await visit.go("/operations/policy");
await page.locator('main a[href^="/do/allow"]').first().click();
await page.locator("main form[method=post] button.main").click();
await see("/operations/audit", /Every line follows/, /POST \/do\/forbid/);
await visit.go("/operations/webhooks");
await page.locator('main a[href^="/do/remove-webhook"]').click();
await page.locator("main form button.main").click();
await page.locator("main form[method=post] button.main").click();
subscriber.close();

// ---- a partner is told of what happens to goods ----
const reports = [];
let willing = true;
const partner = createServer((request, reply) => {
  let body = "";
  request.on("data", part => body += part).on("end", () => {
    if (willing) reports.push({ signature: request.headers["gs1-signature"], body: JSON.parse(body) });
    reply.writeHead(willing ? 200 : 500).end();
  });
});
await new Promise(done => partner.listen(0, "127.0.0.1", done));
const receiver2 = `http://127.0.0.1:${partner.address().port}/epcis`;
await act(visit, "watch", { name: "arrivals", step: "receiving", url: receiver2, when: "stream" }, { words: [receiver2, "received"] });
const shared = await page.locator("main code.command").innerText();
await act(visit, "record", { lot: "WATCHED-1", quantity: "5", step: "receiving" });
await act(visit, "record", { lot: "WATCHED-1", quantity: "5", step: "storing" });
for (let round = 0; round < 100 && reports.length === 0; round++) await page.waitForTimeout(100);
assert.match(JSON.stringify(reports[0].body), /WATCHED-1/);
assert.doesNotMatch(JSON.stringify(reports), /storing/);
assert.match(reports[0].signature, /^sha256=[0-9a-f]{64}$/);
assert.match(shared, /^[0-9a-f]{48}$/);
await see("/trace/watches", /arrivals[\s\S]*every lot: received[\s\S]*at once[\s\S]*well/);
willing = false;
await act(visit, "record", { lot: "WATCHED-2", quantity: "5", step: "receiving" });
for (let round = 0; round < 40 && !/not taken/.test(await main()); round++) await visit.go("/trace/watches");
assert.match(await main(), /not taken/);
await page.locator('main a[href^="/do/unwatch"]').first().click();
await page.locator("main form[method=post] button.main").click();
assert.match(await main(), /told no more/);
await see("/trace/watches", /No receiver/);
partner.close();

// ---- a wallet of one's own signs what was told ----
const [payer, receiver] = await ask("eth_accounts");
const signed = [];
await page.exposeFunction("walletAsk", async (method, params) => {
  if (method === "eth_signTypedData_v4") signed.push(JSON.parse(params[1]));
  return ask(method === "eth_requestAccounts" ? "eth_accounts" : method, ...(params ?? []));
});
await page.addInitScript(() => {
  const provider = { request: ({ method, params }) => window.walletAsk(method, params) };
  const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: Object.freeze({ info: { uuid: "1", name: "Test Wallet", icon: "data:,", rdns: "example" }, provider }) }));
  window.addEventListener("eip6963:requestProvider", announce);
});
await act(visit, "mint", { to: payer, amount: "50" });
await visit.go("/sign/pay?payee=shop&amount=3.5&reference=WALLET-1");
await page.getByRole("button", { name: "Take the account of Test Wallet" }).click();
await page.waitForFunction(() => document.getElementById("payer").value.startsWith("0x"));
await page.locator("main form button.main").click();
assert.match(await page.locator("main .sentence").innerText(), /exactly 3\.50? HUSD[\s\S]*shop[\s\S]*WALLET-1/);
await page.getByRole("button", { name: "Sign with Test Wallet" }).click();
await page.waitForURL(/\/did\//);
assert.match(await main(), /Done/);
assert.deepEqual([signed[0].primaryType, signed[0].message.value, signed[0].message.from.toLowerCase()], ["ReceiveWithAuthorization", "3500000", payer.toLowerCase()]);
await see("/payments?reference=WALLET-1", /3\.5/);
await visit.go(`/sign/hand-over?gtin=09521141012345&lot=JUICE-1&giver=${payer}&receiver=${receiver}`);
assert.match(await page.locator("main .sentence").innerText(), /hand the lot JUICE-1 to/);
await page.getByRole("button", { name: "Sign with Test Wallet" }).click();
await page.waitForURL(/\/trace\/hand-overs/);
await page.locator('main a[href^="/sign/hand-over?digest"]').click();
assert.match(await page.locator("main .sentence").innerText(), /have received the lot JUICE-1/);
await page.getByRole("button", { name: "Sign with Test Wallet" }).click();
await page.waitForURL(/\/did\//);
await see("/trace/hand-overs", /both signed/);
assert.deepEqual(signed.slice(1).map(one => one.primaryType), ["HandOver", "HandOver"]);

await visit.end();
