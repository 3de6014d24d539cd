using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives.Blocks;

public class BlockAccessListTests
{
    static readonly Address First = Address.FromNumber(1), Second = Address.FromNumber(2);

    static readonly Gen<AccountChanges> GenAccount =
        from address in Gen.UInt.Select(number => Address.FromNumber(number))
        from slots in Gen.UInt.Array[0, 6]
        from changed in Gen.Int[0, 6]
        from balances in GenChanges(GenPrimitives.Word)
        from nonces in GenChanges(Gen.ULong)
        from codes in GenChanges(Gen.Byte.Array[0, 40].Select(bytes => (ReadOnlyMemory<byte>)bytes))
        from values in GenChanges(GenPrimitives.Word).Where(changes => changes.Length > 0)
        let ordered = slots.Distinct().Order().Select(slot => (UInt256)slot).ToList()
        select new AccountChanges(address)
        {
            StorageChanges = [.. ordered.Take(changed).Select(slot => new SlotChanges(slot, values))],
            StorageReads = [.. ordered.Skip(changed)],
            BalanceChanges = balances,
            NonceChanges = nonces,
            CodeChanges = codes,
        };

    static readonly Gen<BlockAccessList> GenList =
        GenAccount.Array[0, 5].Select(accounts => new BlockAccessList([.. accounts.DistinctBy(account => account.Address).OrderBy(account => account.Address)]));

    [Fact]
    public void A_list_encodes_and_decodes_to_itself() => GenList.Sample(list =>
    {
        var bytes = list.Encode();
        Assert.True(BlockAccessList.TryDecode(bytes, out var decoded, out var refusal), refusal?.ToString());
        Assert.Equal(list.Hash, decoded.Hash);
        Assert.Equal(list.ItemCount, decoded.ItemCount);
        Assert.Equal(list.LastIndex, decoded.LastIndex);
        Assert.True(decoded.Encode().AsSpan().SequenceEqual(bytes));
    });

    [Fact]
    public void What_is_out_of_order_or_there_twice_is_refused()
    {
        Refused(new AccountChanges(Second), new AccountChanges(First));
        Refused(new AccountChanges(First), new AccountChanges(First));
        Refused(new AccountChanges(First) { StorageReads = [2, 1] });
        Refused(new AccountChanges(First) { StorageReads = [1, 1] });
        Refused(new AccountChanges(First) { StorageChanges = [Slot(2), Slot(1)] });
        Refused(new AccountChanges(First) { StorageChanges = [Slot(1)], StorageReads = [0, 1] });
        Refused(new AccountChanges(First) { StorageChanges = [new SlotChanges(1, [])] });
        Refused(new AccountChanges(First) { BalanceChanges = [new(2, UInt256.One), new(1, UInt256.One)] });
        Refused(new AccountChanges(First) { NonceChanges = [new(1, 1), new(1, 2)] });
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_decode_to_themselves() => Gen.Select(GenList, Gen.Int, Gen.Byte).Sample((list, at, value) =>
    {
        var bytes = list.Encode();
        bytes[(at & int.MaxValue) % bytes.Length] = value;
        if (BlockAccessList.TryDecode(bytes, out var decoded, out _)) Assert.True(decoded.Encode().AsSpan().SequenceEqual(bytes));
    });

    [Fact]
    public void The_empty_list_has_the_hash_of_an_empty_rlp_list() => Assert.Equal(Header.EmptyOmmersHash, BlockAccessList.Empty.Hash);

    static Gen<IndexedChange<T>[]> GenChanges<T>(Gen<T> value) =>
        Gen.Select(Gen.UInt[0, 300], value).Array[0, 4].Select(pairs => pairs.DistinctBy(pair => pair.Item1).OrderBy(pair => pair.Item1).Select(pair => new IndexedChange<T>(pair.Item1, pair.Item2)).ToArray());

    static SlotChanges Slot(ulong slot) => new(slot, [new(1, UInt256.One)]);

    static void Refused(params AccountChanges[] accounts) => Assert.False(BlockAccessList.TryDecode(new BlockAccessList(accounts).Encode(), out _, out _));
}
