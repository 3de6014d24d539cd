import { words } from './words.js';

const at = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);
let language = parameters.get('lang') ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
if (!(language in words)) language = 'en';
let state = 'loading';
let answer = null;
let waiting = null;
let verifier = null;

// ---- words ----

const say = (key) => {
  const text = words[language][key];
  return typeof text === 'function' ? text(answer) : text;
};

function speak() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-text]')) if (element.id !== 'state') element.textContent = say(element.dataset.text);
  at('language').textContent = say('other');
  at('language').lang = language === 'zh' ? 'en' : 'zh';
  at('state').textContent = say(state);
  if (document.documentElement.dataset.offline) at('ready').textContent = say('offline');
  if (answer) show();
}

function now(key) {
  state = key;
  at('state').textContent = say(key);
}

at('language').onclick = () => { language = language === 'zh' ? 'en' : 'zh'; speak(); };

// ---- the answer ----

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function list(title, items) {
  const made = element('ul');
  for (const item of items) made.append(element('li', item));
  return [element('h3', title), made];
}

function pairs(title, items) {
  const made = element('dl');
  for (const [name, value] of items) made.append(element('dt', name), element('dd', value));
  return [element('h3', title), made];
}

function show() {
  const box = element('div', undefined, answer.holds ? 'holds' : 'refused');
  box.append(element('h2', `${answer.holds ? '✓' : '✗'} ${say(answer.holds ? 'holds' : 'refused')}`));
  if (answer.holds) {
    box.append(element('p', answer[language], 'fact'));
    box.append(...list(say('proven'), [...(answer.kind === 'Trace' ? [say('byTree')] : []), say('byChain'), ...(answer.finality === 'qbft' ? [say('bySeals')] : [])]));
    const trusts = answer.finality === 'qbft' ? [say('trustGenesis'), say('trustThird')] : [say('noSeals'), say('trustBlock')];
    if (answer.kind === 'Trace') trusts.push(say('trustContract'));
    box.append(...list(say('trust'), trusts));
    if (answer.fields) box.append(...pairs(say('event'), answer.fields.map(([name, value]) => [words[language].fields[name] ?? name, value])));
    box.append(...pairs(say('details'), [
      [say('chain'), String(answer.chainId)], [say('block'), String(answer.block)], [say('hash'), answer.blockHash],
      [say('time'), new Date(answer.timestamp * 1000).toLocaleString(document.documentElement.lang, { timeZone: 'UTC', timeZoneName: 'short' })],
    ]));
  } else {
    if (say('asIs')) box.append(element('p', say('asIs')));
    box.append(element('p', answer.what, 'fact'));
    if (answer.why) box.append(element('h3', say('why')), element('p', answer.why, 'why'));
    if (answer.mend) box.append(element('h3', say('mend')), element('p', answer.mend, 'why'));
  }
  box.append(element('p', say('took')));
  at('answer').replaceChildren(box);
  at('answer').hidden = false;
}

// ---- files ----

function check(bytes) {
  waiting = bytes;
  if (!verifier) return;
  now('checking');
  answer = JSON.parse(verifier.Verify(bytes, at('block').value.trim()));
  now('ready');
  show();
}

async function take(file) {
  if (file) check(new Uint8Array(await file.arrayBuffer()));
}

at('file').onchange = (happened) => take(happened.target.files[0]);
at('block').onchange = () => { if (waiting) check(waiting); };
const drop = at('drop');
for (const name of ['dragenter', 'dragover']) addEventListener(name, (happened) => { happened.preventDefault(); drop.classList.add('over'); });
for (const name of ['dragleave', 'drop']) addEventListener(name, (happened) => { happened.preventDefault(); drop.classList.remove('over'); });
addEventListener('drop', (happened) => take(happened.dataTransfer.files[0]));

/** A tally named by the address: fetched from this same server (?tally=/path), or whole in the part after # (deflated, base64url), which no server ever sees. */
async function named() {
  const inline = new URLSearchParams(location.hash.slice(1)).get('tally');
  if (inline) {
    const packed = Uint8Array.from(atob(inline.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
    return new Uint8Array(await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer());
  }
  const path = parameters.get('tally');
  if (!path) return null;
  const address = new URL(path, location.origin);
  if (address.origin !== location.origin) return null;
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(String(reply.status));
  return new Uint8Array(await reply.arrayBuffer());
}

// ---- the verifier ----

speak();
try {
  const { dotnet } = await import('./_framework/dotnet.js');
  const runtime = await dotnet.create();
  const exports = await runtime.getAssemblyExports(runtime.getConfig().mainAssemblyName);
  verifier = exports.Hufu.Verifier.Program;
  now('ready');
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
} catch (error) {
  console.error(error);
  now('failed');
}

try {
  const bytes = waiting ?? await named();
  if (bytes && verifier) check(bytes);
} catch {
  now('missing');
}

// Kept for use without a network: all that this page has loaded.
if (verifier && 'serviceWorker' in navigator && isSecureContext) {
  try {
    await navigator.serviceWorker.register('service-worker.js');
    const worker = (await navigator.serviceWorker.ready).active;
    const loaded = performance.getEntriesByType('resource').map((one) => one.name).filter((name) => new URL(name).origin === location.origin && !name.includes('tally='));
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { document.documentElement.dataset.offline = 'true'; speak(); };
    worker.postMessage([new URL('./', location.href).href, ...loaded], [channel.port2]);
  } catch (error) {
    console.warn(error);
  }
}
