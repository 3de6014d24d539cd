// Pays for a resource with the packages of the x402 project, as any program of npm would: node x402.mjs URL TOKEN; the payer's secret is in the environment.
import { ExactEvmScheme } from "@x402/evm";
import { decodePaymentResponseHeader, wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

const [url, token] = process.argv.slice(2);
const payer = privateKeyToAccount(process.env.PAYER);
const pay = wrapFetchWithPaymentFromConfig(fetch, {
  schemes: [{ network: "eip155:31337", client: new ExactEvmScheme(payer) }],
  // Of its own accord the client pays in well-known coins alone.
  spendControls: { allowedAssets: [{ network: "eip155:31337", asset: token, maxAmountPerPayment: "20000" }] },
});
const response = await pay(url);
const settled = decodePaymentResponseHeader(response.headers.get("PAYMENT-RESPONSE"));
if (response.status !== 200 || (await response.text()) !== "mangoes 7.20") throw new Error(`answered ${response.status}`);
if (!settled.success || settled.payer !== payer.address || settled.network !== "eip155:31337") throw new Error(JSON.stringify(settled));
