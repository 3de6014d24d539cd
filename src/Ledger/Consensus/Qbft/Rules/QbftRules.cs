using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>What QBFT asks of a header (EEA QBFT, block header validation).</summary>
public sealed class QbftRules(QbftConfig config) : IConsensusRules
{
    QbftValidators? _validators;

    /// <summary>The same rules for a block that is proposed and not sealed yet.</summary>
    public IConsensusRules Unsealed => new UnsealedRules(this);

    public QbftConfig Config => config;
    public QbftValidators Validators => _validators ?? throw new InvalidOperationException("the rules are not joined to their chain yet");
    public bool ChoosesByTotalDifficulty => false;
    public bool LetsBlocksTravel => true;
    public bool NeedsStateToCheck => config.Phases.Any(static phase => phase.Contract is not null);
    public bool ProvesFinality => true;
    public int MaxExtraData => 1 << 19;

    /// <summary>Joins the rules to where headers and contracts are found.</summary>
    public void Join(QbftValidators validators) => _validators = validators;

    public void Join(Blockchain chain) => Join(new QbftValidators(config, hash => chain.Blocks.HeaderOf(hash), (after, contract) => ReadAddresses(chain.Ask(after, contract, GetValidators))));

    // getValidators() and its answer: an offset, a count, and addresses in words of 32 bytes.
    static readonly byte[] GetValidators = [0xb7, 0xab, 0x4d, 0xb5];

    static List<Address>? ReadAddresses(byte[]? answer)
    {
        if (answer is not { Length: >= 64 } || answer.Length % 32 != 0) return null;
        var count = UInt256.FromBigEndian(answer.AsSpan(32, 32));
        if (UInt256.FromBigEndian(answer.AsSpan(0, 32)) != 32 || count != (ulong)(answer.Length / 32 - 2) || count > QbftExtraData.MaxValidators) return null;
        var addresses = new List<Address>();
        for (var at = 64; at < answer.Length; at += 32)
        {
            if (answer.AsSpan(at, 12).ContainsAnyExcept((byte)0)) return null;
            addresses.Add(Address.FromBytes(answer.AsSpan(at + 12, Address.Size)));
        }
        return addresses;
    }

    public BlockRefusal? Check(Header header, Header parent, ForkRules rules) => Check(header, parent, hasSeals: true);

    public UInt256 DifficultyAfter(Header parent, ulong timestamp, ForkRules rules) => UInt256.One;
    public UInt256 BlockReward(Header header, ForkRules rules) => config.At(header.Number, header.Timestamp).BlockReward;

    BlockRefusal? Check(Header header, Header parent, bool hasSeals)
    {
        if (header.PrevRandao != QbftExtraData.MixHash) return BlockRefusal.Mismatch(BlockRule.Seal, header, "mix hash", header.PrevRandao, QbftExtraData.MixHash);
        if (header.Difficulty != UInt256.One) return BlockRefusal.Mismatch(BlockRule.Difficulty, header, "difficulty", header.Difficulty, UInt256.One);
        if (header.Nonce != 0) return BlockRefusal.Mismatch(BlockRule.Nonce, header, "nonce", header.Nonce, 0UL);
        if (header.OmmersHash != Header.EmptyOmmersHash) return new BlockRefusal(BlockRule.OmmersHash, header.Number, "a QBFT block has no ommers");
        var phase = config.At(header.Number, header.Timestamp);
        var period = (ulong)phase.Times.BlockPeriod.TotalSeconds;
        if (!config.SkipsTimestampRule && header.Timestamp < parent.Timestamp + period)
            return new BlockRefusal(BlockRule.Timestamp, header.Number, $"timestamp {header.Timestamp} is less than the block period of {period} s after the parent's {parent.Timestamp}");
        if (!QbftExtraData.TryDecode(header.ExtraData, out var extraData) || extraData.IsEarlyForm) return new BlockRefusal(BlockRule.ExtraData, header.Number, "the extra data is not QBFT's");

        ValidatorSet validators;
        try
        {
            validators = Validators.After(parent);
        }
        catch (InvalidOperationException unknown)
        {
            return new BlockRefusal(BlockRule.ExtraData, header.Number, unknown.Message);
        }
        return CheckValidators(header, extraData, validators, phase.Contract is not null)
            ?? (hasSeals ? CheckSeals(header, extraData, validators) : null);
    }

    static BlockRefusal? CheckValidators(Header header, QbftExtraData extraData, ValidatorSet validators, bool isContract)
    {
        if (!validators.Contains(header.Beneficiary)) return new BlockRefusal(BlockRule.Seal, header.Number, $"the beneficiary {header.Beneficiary} is no validator of this height");
        if (isContract)
            return extraData.Validators.Count == 0 && extraData.Vote is null ? null
                : new BlockRefusal(BlockRule.ExtraData, header.Number, "a contract names the validators: the header must name none and carry no vote");
        return extraData.Validators.SequenceEqual(validators.Addresses) ? null
            : new BlockRefusal(BlockRule.ExtraData, header.Number, $"the header names {extraData.Validators.Count} validators, which are not the {validators.Count} of this height in ascending order");
    }

    static BlockRefusal? CheckSeals(Header header, QbftExtraData extraData, ValidatorSet validators)
    {
        if (extraData.Seals.Count > validators.Count) return new BlockRefusal(BlockRule.Seal, header.Number, "more commit seals than validators");
        var digest = header.HashWith(extraData.EncodeForDigest());
        var sealers = new HashSet<Address>();
        foreach (var seal in extraData.Seals)
        {
            if (!QbftKey.TryRecover(digest, seal.Span, out var sealer) || !validators.Contains(sealer))
                return new BlockRefusal(BlockRule.Seal, header.Number, "a commit seal is not a validator's");
            if (!sealers.Add(sealer)) return new BlockRefusal(BlockRule.Seal, header.Number, $"validator {sealer} sealed twice");
        }
        return sealers.Count >= validators.Quorum ? null
            : new BlockRefusal(BlockRule.Seal, header.Number, $"{sealers.Count} of {validators.Count} validators sealed, {validators.Quorum} must");
    }

    sealed class UnsealedRules(QbftRules sealedRules) : IConsensusRules
    {
        public bool ChoosesByTotalDifficulty => sealedRules.ChoosesByTotalDifficulty;
        public int MaxExtraData => sealedRules.MaxExtraData;
        public BlockRefusal? Check(Header header, Header parent, ForkRules rules) => sealedRules.Check(header, parent, hasSeals: false);
        public UInt256 DifficultyAfter(Header parent, ulong timestamp, ForkRules rules) => sealedRules.DifficultyAfter(parent, timestamp, rules);
        public UInt256 BlockReward(Header header, ForkRules rules) => sealedRules.BlockReward(header, rules);
    }
}
