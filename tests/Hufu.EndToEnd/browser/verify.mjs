// The verifier page, in a real browser, with the network cut once it is loaded.
// node verify.mjs BASE TALLY CHANGED FOLDER: checks TALLY, which holds, and CHANGED, which does not; screenshots go to FOLDER; prints one JSON line.
import { chromium } from 'playwright-core';
import { strict as assert } from 'node:assert';
import { statSync } from 'node:fs';

const [base, tally, changed, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  const traffic = await context.newCDPSession(page);
  await traffic.send('Network.enable');
  let bytes = 0;
  traffic.on('Network.loadingFinished', (one) => { bytes += one.encodedDataLength; });

  const started = Date.now();
  await page.goto(`${base}/verify/`);
  await page.waitForSelector('html[data-ready]', { timeout: 120_000 });
  const ready = Date.now() - started;
  await page.waitForSelector('html[data-offline]', { timeout: 60_000 });
  const weight = bytes;

  await context.setOffline(true);
  await page.setInputFiles('#file', tally);
  await page.waitForSelector('.holds', { timeout: 60_000 });
  const english = await page.innerText('.fact');
  assert.match(english, /block|ledger/);
  await page.screenshot({ path: `${folder}/holds-en-phone.png`, fullPage: true });
  await page.click('#language');
  const chinese = await page.innerText('.fact');
  assert.match(chinese, /[\u4e00-\u9fff]/);
  assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.screenshot({ path: `${folder}/holds-zh-desktop.png`, fullPage: true });

  // A second time: what takes its time the first time is compilation.
  await page.setInputFiles('#file', []);
  await page.setInputFiles('#file', tally);
  await page.waitForSelector('.holds');
  const took = await page.innerText('.holds > p:last-child');

  await page.setInputFiles('#file', changed);
  await page.waitForSelector('.refused', { timeout: 60_000 });
  const reason = await page.innerText('.refused');
  await page.screenshot({ path: `${folder}/refused-zh-desktop.png`, fullPage: true });

  await page.click('summary');
  await page.fill('#block', '0x' + '11'.repeat(32));
  await page.setInputFiles('#file', []);
  await page.setInputFiles('#file', tally);
  await page.waitForFunction(() => document.querySelector('.refused')?.textContent.includes('another block'), null, { timeout: 60_000 });

  // Years later: the page is opened again and there is no network.
  await page.goto(`${base}/verify/?lang=en`);
  await page.waitForSelector('html[data-ready]', { timeout: 120_000 });
  await page.setInputFiles('#file', tally);
  await page.waitForSelector('.holds', { timeout: 60_000 });

  const serious = errors.filter((one) => !one.includes('ERR_INTERNET_DISCONNECTED'));
  assert.deepEqual(serious, []);
  console.log(JSON.stringify({ readyMilliseconds: ready, pageBytes: weight, tallyBytes: statSync(tally).size, took, english, chinese, reason: reason.slice(0, 300) }));
} finally {
  await browser.close();
}
