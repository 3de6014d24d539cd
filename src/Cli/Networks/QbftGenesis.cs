using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The genesis file of a new QBFT network, in Besu's form.</summary>
static class QbftGenesis
{
    /// <param name="hasJobs">Whether the chain runs jobs by itself: a rule that Hufu alone knows, so that others' validators cannot take part.</param>
    public static byte[] Make(IReadOnlyList<Address> validators, ulong chainId, uint blockPeriodSeconds, IEnumerable<Address> funded, ulong? gasLimit = null, Membership? membership = null, bool hasJobs = true)
    {
        var genesis = JsonNode.Parse(DevNetwork.GenesisFile(chainId, gasLimit, funded, DevNetwork.DefaultBalance))!;
        var config = genesis["config"]!.AsObject();
        // Validators seal this chain for good: it never goes over to proof of stake.
        config.Remove("terminalTotalDifficulty");
        config["qbft"] = new JsonObject { ["blockperiodseconds"] = blockPeriodSeconds, ["epochlength"] = 30_000, ["requesttimeoutseconds"] = 2 };
        if (hasJobs) GenesisContracts.AddJobs(genesis.AsObject());
        if (membership is not null) MembershipContracts.AddTo(genesis.AsObject(), membership, validators);
        // Where a contract names the validators, blocks do not (EEA QBFT, "contract").
        genesis["extraData"] = Hex.Encode(new QbftExtraData { Validators = membership?.Controllers.Count > 0 ? [] : [.. validators.Order()] }.Encode());
        genesis["difficulty"] = "0x1";
        genesis["mixHash"] = QbftExtraData.MixHash.ToString();
        return System.Text.Encoding.UTF8.GetBytes(genesis.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }
}
