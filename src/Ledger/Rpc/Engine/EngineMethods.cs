using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What blocks built here say.</summary>
public sealed record EngineOptions
{
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>Where the gas limit goes; null leaves it as the parent has it.</summary>
    public ulong? GasLimitTarget { get; init; }
}

/// <summary>The methods of the authenticated port: those of the Engine API, and the few of eth_ that consensus clients use.</summary>
public static class EngineMethods
{
    // execution-apis, engine/common, "Underlying protocol"; the last four serve tools that know only this port.
    static readonly string[] Shared =
    [
        "eth_blockNumber", "eth_call", "eth_chainId", "eth_getCode", "eth_getBlockByHash", "eth_getBlockByNumber", "eth_getLogs", "eth_sendRawTransaction", "eth_syncing",
        "eth_getBalance", "eth_getTransactionReceipt", "web3_clientVersion", "rpc.discover",
    ];

    /// <param name="methods">Those of the public port, from which some are shared.</param>
    public static MethodTable Of(Ledger ledger, BeaconDriver driver, MethodTable methods, EngineOptions options)
    {
        var versions = new EngineVersions(ledger.Chain.Forks);
        var payloads = new EnginePayloads(driver, versions);
        var forkchoice = new EngineForkchoice(driver, versions, options);
        var built = new EngineBuilt(driver, versions);
        var bodies = new EngineBodies(ledger);
        var blobs = new EngineBlobs(ledger, driver, versions);

        var engine = methods.Some(Shared);
        var exchange = new EngineExchange(ledger.Chain.Forks, () => engine.Names);
        // What Amsterdam adds is there only on a chain that is to come to it.
        var amsterdam = versions.RulesAt(ulong.MaxValue).Fork >= Fork.Amsterdam ? 1 : 0;
        for (var version = 1; version <= 4 + amsterdam; version++) engine.AddWaiting($"engine_newPayloadV{version}", payloads.New(version));
        for (var version = 1; version <= 3 + amsterdam; version++) engine.AddWaiting($"engine_forkchoiceUpdatedV{version}", forkchoice.Updated(version));
        for (var version = 1; version <= 5 + amsterdam; version++) engine.AddWaiting($"engine_getPayloadV{version}", built.Get(version));
        if (amsterdam > 0) engine.Add("engine_getPayloadBodiesByHashV2", bodies.ByHash(2)).Add("engine_getPayloadBodiesByRangeV2", bodies.ByRange(2));
        return engine
            .Add("engine_getPayloadBodiesByHashV1", bodies.ByHash(1))
            .Add("engine_getPayloadBodiesByRangeV1", bodies.ByRange(1))
            .Add("engine_getBlobsV1", blobs.GetV1)
            .Add("engine_getBlobsV2", blobs.GetV2)
            .Add("engine_getBlobsV3", blobs.GetV3)
            .Add("engine_exchangeCapabilities", exchange.Capabilities)
            .Add("engine_getClientVersionV1", exchange.ClientVersion)
            .Add("engine_exchangeTransitionConfigurationV1", exchange.TransitionConfiguration);
    }
}
