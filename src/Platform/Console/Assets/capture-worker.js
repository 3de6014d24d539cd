// Keeps the page for recording, so that it opens without a network. Everything else is left alone.
addEventListener("install", () => skipWaiting());
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin || !(pathname === "/capture" || pathname.startsWith("/assets/"))) return;
  event.respondWith((async () => {
    const cache = await caches.open("hufu-capture");
    try {
      const answer = await fetch(event.request);
      // Whoever is led to sign in shall not find that page when offline.
      if (answer.ok && !answer.redirected) cache.put(event.request, answer.clone());
      return answer;
    } catch (error) {
      const kept = await cache.match(event.request, { ignoreSearch: true });
      if (kept) return kept;
      throw error;
    }
  })());
});
