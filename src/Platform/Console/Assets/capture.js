// Recording on a phone, offline first: each step is kept here under an id of its own until the platform has it. Sent again it is the same step, so nothing is lost and
// nothing recorded twice.
(() => {
  "use strict";

  const form = document.querySelector("[data-capture]");
  const list = document.querySelector("[data-waiting]");
  const words = form.dataset;
  const opened = new Promise((done, fail) => {
    const asked = indexedDB.open("hufu-capture", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("steps", { keyPath: "id" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });

  async function steps(mode, work) {
    const database = await opened;
    return new Promise((done, fail) => {
      const transaction = database.transaction("steps", mode);
      const asked = work(transaction.objectStore("steps"));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = transaction.onerror = () => fail(transaction.error);
    });
  }

  // Not randomUUID, which a page without https has not.
  function newId() {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte, at) => (at === 6 ? byte & 0x0f | 0x40 : at === 8 ? byte & 0x3f | 0x80 : byte).toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  form.addEventListener("submit", async event => {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => form.elements[name].closest("[data-field]")));
    fields.time = fields.time ? new Date(fields.time).toISOString().slice(0, 16) + "Z" : new Date().toISOString().slice(0, 19) + "Z";
    await steps("readwrite", all => all.put({ id: newId(), fields, at: Date.now() }));
    form.elements.lot.value = form.elements.quantity.value = form.elements.time.value = "";
    form.elements.lot.focus();
    await show();
    await send();
  });

  // One page at a time sends.
  async function send() {
    if (navigator.onLine === false) return;
    if (navigator.locks) await navigator.locks.request("hufu-capture", sendAll);
    else await sendAll();
  }

  async function sendAll() {
    for (const one of await steps("readonly", all => all.getAll())) {
      if (one.faults || one.page) continue;
      let answer;
      try {
        answer = await fetch("/capture/steps", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...one.fields, id: one.id }) });
      } catch {
        break;
      }
      if (answer.status === 401) {
        document.querySelector("[data-signed-out]").hidden = false;
        break;
      }
      if (answer.status >= 500) break;
      const told = await answer.json();
      if (answer.ok) one.page = told.page;
      else one.faults = told.faults;
      await steps("readwrite", all => all.put(one));
    }
    await show();
  }

  async function show() {
    const all = (await steps("readonly", one => one.getAll())).sort((a, b) => b.at - a.at);
    const sent = all.filter(one => one.page);
    // The latest that arrived stay in sight; older ones are on their own pages.
    for (const one of sent.slice(20)) await steps("readwrite", kept => kept.delete(one.id));
    list.replaceChildren(...all.filter(one => !sent.slice(20).includes(one)).map(line));
    document.querySelector("[data-offline]").hidden = navigator.onLine !== false;
    document.querySelector("[data-none]").hidden = all.length > 0;
  }

  function line(one) {
    const item = document.createElement("li");
    const name = document.createElement(one.page ? "a" : "strong");
    name.textContent = one.fields.lot;
    if (one.page) name.href = one.page;
    const mark = document.createElement("span");
    mark.className = "mark " + (one.page ? "good" : one.faults ? "bad" : "wait");
    mark.textContent = one.page ? words.sent : one.faults ? words.refused : words.kept;
    item.append(name, " ", `${one.fields.quantity} ${one.fields.unit} · ${form.querySelector(`option[value="${one.fields.step}"]`)?.textContent ?? one.fields.step}`, " ", mark);
    for (const fault of one.faults ?? []) {
      const said = document.createElement("p");
      said.textContent = fault.text;
      item.append(said);
    }
    if (one.faults) {
      const mend = document.createElement("button");
      mend.type = "button";
      mend.textContent = words.mend;
      mend.addEventListener("click", async () => {
        for (const [field, value] of Object.entries(one.fields)) if (field !== "time" && form.elements[field]) form.elements[field].value = value;
        await steps("readwrite", all => all.delete(one.id));
        await show();
        form.elements.lot.focus();
      });
      item.append(mend);
    }
    return item;
  }

  // ---- codes: a GS1 Digital Link, an element string, or the digits under the bars ----
  function read(code) {
    const link = /\/01\/(\d{8,14})/.exec(code);
    if (link) return { gtin: link[1], lot: decodeURIComponent(/\/10\/([^/?#]+)/.exec(code)?.[1] ?? "") };
    const bracketed = /\(01\)(\d{14})/.exec(code);
    if (bracketed) return { gtin: bracketed[1], lot: /\(10\)([^(]+)/.exec(code)?.[1] ?? "" };
    const plain = code.replace(/^\](d2|C1|Q3)/, "").replace(/^\x1d/, "");
    const element = /^01(\d{14})((?:1[1-7]\d{6})*)(?:10([^\x1d]{1,20}))?/.exec(plain);
    if (element) return { gtin: element[1], lot: element[3] ?? "" };
    return /^\d{8}$|^\d{12,14}$/.test(plain) ? { gtin: plain.padStart(14, "0"), lot: "" } : null;
  }

  function take(code) {
    const found = read(code.trim());
    if (!found) return false;
    form.elements.gtin.value = found.gtin;
    if (found.lot) form.elements.lot.value = found.lot;
    (found.lot ? form.elements.quantity : form.elements.lot).focus();
    return true;
  }

  const code = document.getElementById("code");
  code.closest("[data-code]").hidden = false;
  code.addEventListener("change", () => take(code.value) && (code.value = ""));
  code.addEventListener("keydown", event => event.key === "Enter" && (event.preventDefault(), take(code.value) && (code.value = "")));

  const scan = document.querySelector("button[data-scan]");
  const viewer = document.querySelector("dialog[data-viewer]");
  // A camera is there for pages of this machine, and for those with https.
  scan.hidden = !navigator.mediaDevices;

  // Many phones have no reader of their own.
  const reading = () => window.BarcodeDetector ? Promise.resolve() : new Promise((done, fail) => {
    const script = document.createElement("script");
    script.src = words.reader;
    script.onload = done;
    script.onerror = fail;
    document.head.append(script);
  });

  scan.addEventListener("click", async () => {
    const video = viewer.querySelector("video");
    const trouble = document.querySelector("[data-camera]");
    trouble.hidden = true;
    let stream;
    try {
      [stream] = await Promise.all([navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }), reading()]);
    } catch (error) {
      trouble.textContent = words.noCamera;
      trouble.title = error.message;
      trouble.hidden = false;
      return;
    }
    viewer.showModal();
    video.srcObject = stream;
    video.play();
    const detector = new BarcodeDetector();
    let isOpen = true;
    viewer.addEventListener("close", () => {
      isOpen = false;
      for (const track of stream.getTracks()) track.stop();
    }, { once: true });
    // One look after the other: a slow phone is not asked for more than it can.
    while (isOpen) {
      const found = await detector.detect(video).catch(() => []);
      if (isOpen && found.some(one => take(one.rawValue))) viewer.close();
      await new Promise(done => setTimeout(done, 120));
    }
  });

  // ---- the page itself, for when there is no network ----
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register("/capture-worker.js", { scope: "/capture" });
    const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map(one => one.href || one.src);
    if (!window.BarcodeDetector) parts.push(words.reader);
    caches.open("hufu-capture").then(cache => cache.addAll([location.pathname, ...parts])).catch(() => {});
  }

  addEventListener("online", send);
  addEventListener("offline", show);
  show().then(send);
  // A phone is not always told that the network is back.
  setInterval(send, 15000);
})();
