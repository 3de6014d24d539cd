using Hufu.Client;
using Hufu.Node;
using Hufu.Primitives;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Programs of others pay here.</summary>
public sealed class MachinePaymentTests
{
    [Fact]
    public async Task The_client_of_the_x402_project_pays_for_what_it_asks_for()
    {
        NodeClients.Package("@x402/fetch/package.json");
        using var folder = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(Path.Combine(folder.Path, "data"), "--console-port", port.ToString());
        using var api = await ServiceApi.ConnectAsync(port);
        var payer = DevAccounts.Secrets(2)[1];
        await api.Post("stablecoin/reserve/attestations", new { amount = "1000", report = "first" }, "reserve");
        await api.Post("accounts", new { name = "shop" }, "shop");
        await api.Post("stablecoin/mints", new { to = Signer.FromSecret(payer).Address.ToString(), amount = "10" }, "mint");
        await api.Put("paid/prices", new { amount = "0.01", payTo = "shop", content = "mangoes 7.20" });

        await NodeClients.Run(".", "node", ["x402.mjs", $"http://127.0.0.1:{port}/paid/prices", (await api.Get("stablecoin")).GetProperty("coin").GetString()!], new() { ["PAYER"] = Hex.Encode(payer) });
        Assert.Equal("0.010000", (await api.Get("accounts/shop/statement")).GetProperty("closing").GetString());
    }
}
