using System.Globalization;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>eth_config (EIP-7910): the rules in force, those that come next, and the last known.</summary>
sealed class EthConfig(Ledger ledger)
{
    static readonly (string Name, uint Number)[] Precompiles =
    [
        ("BLAKE2F", 0x09), ("BLS12_G1ADD", 0x0b), ("BLS12_G1MSM", 0x0c), ("BLS12_G2ADD", 0x0d), ("BLS12_G2MSM", 0x0e),
        ("BLS12_MAP_FP2_TO_G2", 0x11), ("BLS12_MAP_FP_TO_G1", 0x10), ("BLS12_PAIRING_CHECK", 0x0f), ("BN254_ADD", 0x06), ("BN254_MUL", 0x07),
        ("BN254_PAIRING", 0x08), ("ECREC", 0x01), ("ID", 0x04), ("KZG_POINT_EVALUATION", 0x0a), ("MODEXP", 0x05), ("P256VERIFY", 0x100),
        ("RIPEMD160", 0x03), ("SHA256", 0x02),
    ];

    public RpcError? Get(ref Parameters parameters, Answer answer)
    {
        var head = ledger.Chain.Head.Head;
        var periods = ledger.Chain.Forks.ByTime;
        var current = periods.Where(period => period.Time <= head.Timestamp).Select(static period => ((ulong, ForkRules)?)period).LastOrDefault();
        var coming = periods.Where(period => period.Time > head.Timestamp).ToList();

        var writer = answer.Result;
        writer.WriteStartObject();
        Write(writer, "current"u8, current ?? (0, ledger.RulesOf(head)));
        Write(writer, "next"u8, coming.Count > 0 ? coming[0] : null);
        Write(writer, "last"u8, coming.Count > 0 ? coming[^1] : null);
        writer.WriteEndObject();
        return null;
    }

    void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, (ulong Time, ForkRules Rules)? period)
    {
        if (period is not var (time, rules))
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteNumber("activationTime"u8, time);
        WriteBlobSchedule(writer, rules);
        writer.WriteQuantity("chainId"u8, ledger.ChainId);
        var genesis = ledger.Chain.Genesis;
        var forkId = ForkId.Of(ledger.Chain.Forks, genesis.Hash, genesis.Timestamp, ledger.Chain.Head.Number, time);
        writer.WriteString("forkId"u8, "0x" + forkId.Hash.ToString("x8", CultureInfo.InvariantCulture));
        WritePrecompiles(writer, rules);
        WriteSystemContracts(writer, rules);
        writer.WriteEndObject();
    }

    static void WriteBlobSchedule(Utf8JsonWriter writer, ForkRules rules)
    {
        if (!rules.Has(Eip.BlobTransactions))
        {
            writer.WriteNull("blobSchedule"u8);
            return;
        }
        writer.WriteStartObject("blobSchedule"u8);
        writer.WriteNumber("target"u8, rules.Blob.Target);
        writer.WriteNumber("max"u8, rules.Blob.Max);
        writer.WriteNumber("baseFeeUpdateFraction"u8, rules.Blob.UpdateFraction);
        writer.WriteEndObject();
    }

    static void WritePrecompiles(Utf8JsonWriter writer, ForkRules rules)
    {
        var set = PrecompileSet.For(rules);
        writer.WriteStartObject("precompiles"u8);
        foreach (var (name, number) in Precompiles)
            if (set.Contains(Address.FromNumber(number))) writer.WriteString(name, Address.FromNumber(number).ToString());
        writer.WriteEndObject();
    }

    void WriteSystemContracts(Utf8JsonWriter writer, ForkRules rules)
    {
        writer.WriteStartObject("systemContracts"u8);
        if (rules.Has(Eip.BeaconRoot)) writer.WriteString("BEACON_ROOTS_ADDRESS"u8, SystemContracts.BeaconRoots.ToString());
        if (rules.Has(Eip.ConsolidationRequests)) writer.WriteString("CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS"u8, SystemContracts.ConsolidationRequests.ToString());
        if (rules.Has(Eip.DepositRequests)) writer.WriteString("DEPOSIT_CONTRACT_ADDRESS"u8, ledger.Chain.Forks.DepositContract.ToString());
        if (rules.Has(Eip.BlockHashHistory)) writer.WriteString("HISTORY_STORAGE_ADDRESS"u8, SystemContracts.History.ToString());
        if (rules.Has(Eip.WithdrawalRequests)) writer.WriteString("WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS"u8, SystemContracts.WithdrawalRequests.ToString());
        writer.WriteEndObject();
    }
}
