// What a page gains where scripts run; without them everything still reads and works.
(() => {
  "use strict";

  // ---- an open page follows the chain: whatever is marked data-live is taken anew when the head has moved ----
  const pause = 2000;
  let head = document.querySelector("[data-head]")?.dataset.head;

  async function follow() {
    if (!document.hidden && document.querySelector("[data-live]")) {
      try {
        const now = await (await fetch("/live/head", { cache: "no-store" })).text();
        if (/^\d+$/.test(now) && now !== head) {
          if (await refresh()) head = now;
        }
      } catch {
        // The console or the chain is away; the next round asks again.
      }
    }
    setTimeout(follow, pause);
  }

  async function refresh() {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(old.id);
      // Not under somebody's hands.
      if (!fresh || old.contains(document.activeElement) || old.innerHTML === fresh.innerHTML) continue;
      const known = new Set([...old.querySelectorAll("[data-key]")].map(one => one.dataset.key));
      old.replaceWith(document.adoptNode(fresh));
      for (const row of fresh.querySelectorAll("[data-key]")) if (!known.has(row.dataset.key)) row.classList.add("fresh");
      dress(fresh);
    }
    return true;
  }

  // ---- buttons that copy ----
  function dress(root) {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("button[data-copy]")) button.hidden = false;
  }

  document.addEventListener("click", async event => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, 1500);
  });

  // ---- "/" goes to the search ----
  document.addEventListener("keydown", event => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    event.preventDefault();
    document.getElementById("search")?.focus();
  });

  dress(document);
  setTimeout(follow, pause);
})();
