using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>A block whose extra data is QBFT's. Its hash stays the same in every round; its digest, which validators sign, names the round too.</summary>
public sealed class QbftBlock
{
    Hash256? _digest;

    QbftBlock(Block block, QbftExtraData extraData) => (Block, ExtraData) = (block, extraData);

    public Block Block { get; }
    public QbftExtraData ExtraData { get; }
    public Header Header => Block.Header;
    public Hash256 Hash => Block.Hash;
    public ulong Height => Block.Number;
    public uint Round => ExtraData.Round;
    public Hash256 Digest => _digest ??= Header.HashWith(ExtraData.EncodeForDigest());

    public static bool TryMake(Block block, [NotNullWhen(true)] out QbftBlock? made)
    {
        made = QbftExtraData.TryDecode(block.Header.ExtraData, out var extraData) ? new QbftBlock(block, extraData) : null;
        return made is not null;
    }

    /// <summary>The same block as it is proposed in another round, without seals.</summary>
    public QbftBlock InRound(uint round) => With(ExtraData with { Round = round, IsEarlyForm = false, Seals = [] });

    public QbftBlock WithSeals(IReadOnlyList<ReadOnlyMemory<byte>> seals) => With(ExtraData with { Seals = seals });

    QbftBlock With(QbftExtraData extraData) => new(Block with { Header = Header with { ExtraData = extraData.Encode() } }, extraData);
}
