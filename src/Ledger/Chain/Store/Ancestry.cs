using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>The hashes of a block's ancestors, read back one by one as far as they are asked for. For one thread.</summary>
sealed class Ancestry
{
    readonly BlockStore _blocks;
    readonly Header _parent;
    readonly List<Hash256> _hashes;
    Header _oldest;

    public Ancestry(BlockStore blocks, Header parent)
    {
        (_blocks, _parent, _oldest) = (blocks, parent, parent);
        _hashes = [parent.Hash];
    }

    /// <summary>The hash of the ancestor with this number; zero where there is none.</summary>
    public Hash256 HashOf(ulong number)
    {
        if (number > _parent.Number) return Hash256.Zero;
        if (_blocks.Earlier is { } earlier && _blocks.CanonicalHash(number) is null) return earlier(number);
        var back = _parent.Number - number;
        while ((ulong)_hashes.Count <= back)
        {
            // The oldest known ancestor names the next; its own header is needed only for the one after.
            if (_hashes.Count > 1 && _blocks.HeaderOf(_hashes[^1]) is { } header) _oldest = header;
            _hashes.Add(_oldest.ParentHash);
        }
        return _hashes[(int)back];
    }
}
