namespace Hufu.Primitives;

/// <summary>The rules in force at one block: which EIPs apply, and the blob parameters. Fork differences live in the table below and nowhere else.</summary>
public sealed class ForkRules
{
    static readonly (Fork Fork, int[] Added, int[] Removed)[] Changes =
    [
        (Fork.Frontier, [], []),
        (Fork.Homestead, [Eip.HomesteadRules, Eip.DelegateCall], []),
        (Fork.TangerineWhistle, [Eip.GasForIo], []),
        (Fork.SpuriousDragon, [Eip.ReplayProtection, Eip.ExpByteCost, Eip.StateClearing, Eip.CodeSizeLimit], []),
        (Fork.Byzantium, [Eip.DifficultyCountsOmmers, Eip.Revert, Eip.Bn254AddMultiply, Eip.Bn254Pairing, Eip.ModExpPrecompile, Eip.ReturnData,
            Eip.StaticCall, Eip.BombDelayByzantium, Eip.ReceiptStatus], []),
        (Fork.Constantinople, [Eip.BitwiseShift, Eip.Create2, Eip.ExtCodeHash, Eip.BombDelayConstantinople, Eip.NetGasSstoreConstantinople], []),
        (Fork.Petersburg, [], [Eip.NetGasSstoreConstantinople]),
        (Fork.Istanbul, [Eip.Blake2Precompile, Eip.Bn254GasReduction, Eip.ChainIdOpcode, Eip.TrieSizeGas, Eip.CallDataGasReduction, Eip.NetGasSstore], []),
        (Fork.MuirGlacier, [Eip.BombDelayMuirGlacier], []),
        (Fork.Berlin, [Eip.ModExpGas, Eip.TypedTransactions, Eip.AccessGas, Eip.AccessLists], []),
        (Fork.London, [Eip.BaseFee, Eip.BaseFeeOpcode, Eip.RefundReduction, Eip.RejectCodeStartingWithEf, Eip.BombDelayLondon], []),
        (Fork.ArrowGlacier, [Eip.BombDelayArrowGlacier], []),
        (Fork.GrayGlacier, [Eip.BombDelayGrayGlacier], []),
        (Fork.Paris, [Eip.ProofOfStake, Eip.PrevRandao], []),
        (Fork.Shanghai, [Eip.WarmCoinbase, Eip.Push0, Eip.InitCodeLimit, Eip.Withdrawals], []),
        (Fork.Cancun, [Eip.TransientStorage, Eip.BeaconRoot, Eip.BlobTransactions, Eip.MemoryCopy, Eip.SelfDestructOnlyInSameTransaction, Eip.BlobBaseFeeOpcode], []),
        (Fork.Prague, [Eip.Bls12381Precompiles, Eip.BlockHashHistory, Eip.DepositRequests, Eip.WithdrawalRequests, Eip.ConsolidationRequests,
            Eip.CallDataFloor, Eip.GeneralRequests, Eip.BlobThroughputIncrease, Eip.SetCodeTransactions], []),
        (Fork.Osaka, [Eip.PeerDas, Eip.ModExpUpperBounds, Eip.TransactionGasLimitCap, Eip.ModExpGasIncrease, Eip.BlobBaseFeeBoundedByExecution,
            Eip.BlockSizeLimit, Eip.CountLeadingZeros, Eip.P256Precompile], []),
        (Fork.Amsterdam, [Eip.TransferLogs, Eip.BlockGasWithoutRefunds, Eip.SlotNumber, Eip.BlockAccessLists, Eip.LargerContracts, Eip.CallDataFloorIncrease,
            Eip.AccessListDataCost, Eip.DeepStackInstructions, Eip.StateGas], []),
    ];

    static readonly ForkRules[] ByFork = BuildAll();

    readonly bool[] _has;

    ForkRules(Fork fork, bool[] has, BlobParameters blob)
    {
        Fork = fork;
        _has = has;
        Blob = blob;
    }

    public Fork Fork { get; }

    /// <summary>How many blobs a block aims at and may hold, and how fast their price moves; meaningful from Cancun on.</summary>
    public BlobParameters Blob { get; }

    /// <summary>Whether the EIP (a constant of <see cref="Eip"/>) is in force. Read it once into a field where it stands on a hot path.</summary>
    public bool Has(int eip) => (uint)eip < (uint)_has.Length && _has[eip];

    public static ForkRules Of(Fork fork) => ByFork[(int)fork];

    /// <summary>The same rules under another blob schedule (EIP-7840, EIP-7892).</summary>
    public ForkRules WithBlob(BlobParameters blob) => blob == Blob ? this : new ForkRules(Fork, _has, blob);

    public override string ToString() => Fork.ToString();

    static BlobParameters BlobsOf(Fork fork) => fork switch
    {
        >= Fork.Amsterdam => BlobParameters.Bpo2,
        >= Fork.Prague => BlobParameters.Prague,
        _ => BlobParameters.Cancun,
    };

    static ForkRules[] BuildAll()
    {
        var size = Changes.SelectMany(change => change.Added).Max() + 1;
        var has = new bool[size];
        var rules = new ForkRules[Changes.Length];
        foreach (var (fork, added, removed) in Changes)
        {
            has = (bool[])has.Clone();
            foreach (var eip in added) has[eip] = true;
            foreach (var eip in removed) has[eip] = false;
            rules[(int)fork] = new ForkRules(fork, has, BlobsOf(fork));
        }
        return rules;
    }
}

/// <summary>The blob schedule of a fork (EIP-7840).</summary>
public readonly record struct BlobParameters(ulong Target, ulong Max, ulong UpdateFraction)
{
    public const ulong GasPerBlob = 131_072;
    public static readonly UInt256 MinBaseFeePerBlobGas = UInt256.One;

    public static readonly BlobParameters Cancun = new(3, 6, 3_338_477);
    public static readonly BlobParameters Prague = new(6, 9, 5_007_716);

    /// <summary>What mainnet's second change of the schedule alone (EIP-7892) left for Amsterdam to begin with.</summary>
    public static readonly BlobParameters Bpo2 = new(14, 21, 11_684_671);
}
