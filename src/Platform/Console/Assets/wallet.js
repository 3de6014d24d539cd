// Signing with a wallet of the browser: found by EIP-6963, else the one at window.ethereum (EIP-1193).
(() => {
  "use strict";

  const wallets = new Map();
  addEventListener("eip6963:announceProvider", event => {
    wallets.set(event.detail.info.uuid, event.detail);
    show();
  });
  dispatchEvent(new Event("eip6963:requestProvider"));
  setTimeout(() => {
    if (wallets.size === 0 && window.ethereum) wallets.set("injected", { info: { name: "Browser wallet" }, provider: window.ethereum });
    show();
  }, 300);

  function show() {
    for (const place of document.querySelectorAll("[data-wallet]")) {
      const buttons = place.querySelector("[data-wallets]");
      buttons.replaceChildren(...[...wallets.values()].map(wallet => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = place.dataset.fill ? "" : "main";
        button.textContent = place.dataset.sign.replace("{0}", wallet.info.name);
        button.addEventListener("click", () => sign(place, wallet.provider, button));
        return button;
      }));
      place.querySelector("[data-none]").hidden = wallets.size > 0;
    }
  }

  async function sign(place, provider, button) {
    const outcome = place.querySelector("[data-outcome]");
    const { to, data, value, typed, signer, fill, waiting, refused, other } = place.dataset;
    button.disabled = true;
    outcome.textContent = waiting;
    try {
      const accounts = await provider.request({ method: "eth_requestAccounts" });
      if (fill) {
        document.getElementById(fill).value = accounts[0];
        outcome.textContent = "";
        button.disabled = false;
        return;
      }
      await choose(place, provider);
      if (typed) {
        const from = accounts.find(one => one.toLowerCase() === signer.toLowerCase());
        if (!from) throw new Error(other);
        const form = place.closest("form");
        form.elements.signature.value = await provider.request({ method: "eth_signTypedData_v4", params: [from, typed] });
        form.requestSubmit();
        return;
      }
      const hash = await provider.request({ method: "eth_sendTransaction", params: [{ from: accounts[0], to, data, value }] });
      location.assign("/transaction/" + hash);
    } catch (error) {
      // 4001: the person said no (EIP-1193).
      outcome.textContent = error.code === 4001 ? refused : error.message;
      button.disabled = false;
    }
  }

  // The wallet shall sign for this chain and no other.
  async function choose(place, provider) {
    const { chain, rpc } = place.dataset;
    if (await provider.request({ method: "eth_chainId" }) === chain) return;
    try {
      await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId: chain }] });
    } catch (error) {
      // 4902: the wallet does not know the chain yet (EIP-3085).
      if (error.code !== 4902 || !rpc) throw error;
      await provider.request({ method: "wallet_addEthereumChain", params: [{ chainId: chain, chainName: "Hufu " + parseInt(chain, 16), rpcUrls: [rpc], nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 } }] });
    }
  }
})();
