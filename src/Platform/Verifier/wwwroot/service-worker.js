// Keeps what the page loaded, so that a tally can be checked years later without the server that served the page.
const store = 'hufu-verifier-1';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (happened) => happened.waitUntil(self.clients.claim()));

self.addEventListener('message', (happened) => happened.waitUntil((async () => {
  const cache = await caches.open(store);
  await Promise.all(happened.data.map(async (address) => {
    const reply = await fetch(address, { cache: 'force-cache' });
    if (reply.ok) await cache.put(address, reply);
  }));
  happened.ports[0].postMessage('kept');
})()));

// The network first, so that a new verifier is taken; what was kept where there is none.
self.addEventListener('fetch', (happened) => {
  const address = new URL(happened.request.url);
  if (happened.request.method !== 'GET' || address.origin !== location.origin) return;
  happened.respondWith(fetch(happened.request).catch(async () => {
    const cache = await caches.open(store);
    return await cache.match(happened.request, { ignoreSearch: true }) ?? await cache.match(new URL('./', location.href).href) ?? Response.error();
  }));
});
