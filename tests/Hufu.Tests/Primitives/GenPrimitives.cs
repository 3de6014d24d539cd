using CsCheck;
using Hufu.Primitives;

namespace Hufu.Tests.Primitives;

/// <summary>Arbitrary values of the primitive types, with the sizes and edges that encodings care about.</summary>
static class GenPrimitives
{
    /// <summary>How many cases a fuzz run tries: some thousands, or as many as HUFU_FUZZ_CASES says.</summary>
    public static int FuzzCases { get; } = int.TryParse(Environment.GetEnvironmentVariable("HUFU_FUZZ_CASES"), out var cases) ? cases : 3000;

    public static readonly Gen<ulong> Number = Gen.OneOf(Gen.ULong[0, 300], Gen.ULong, Gen.Int[0, 63].Select(bits => 1UL << bits), Gen.Const(ulong.MaxValue));
    public static readonly Gen<byte[]> Bytes = Gen.OneOf(Gen.Byte.Array[0, 60], Gen.Byte.Array[0, 400]);
    public static readonly Gen<Address> Address = Gen.Byte.Array[20].Select(bytes => Hufu.Primitives.Address.FromBytes(bytes));
    public static readonly Gen<Hash256> Hash = Gen.Byte.Array[32].Select(bytes => Hash256.FromBytes(bytes));
    public static readonly Gen<UInt256> Word = Gen.OneOf(Number.Select(number => (UInt256)number), Gen.Byte.Array[0, 32].Select(bytes => UInt256.FromBigEndian(bytes)));

    static readonly Gen<AccessListEntry[]> AccessList =
        Gen.Select(Address, Hash.Array[0, 3]).Select((address, keys) => new AccessListEntry(address, keys)).Array[0, 3];

    static readonly Gen<Authorization[]> Authorizations =
        Gen.Select(Word, Address, Number, Gen.Byte, Word, Word).Select((chain, address, nonce, parity, r, s) => new Authorization(chain, address, nonce, parity, r, s)).Array[0, 3];

    public static readonly Gen<Transaction> Transaction =
        from type in Gen.Enum<TransactionType>()
        from numbers in Number.Array[4]
        from words in Word.Array[6]
        from to in Address
        from creates in Gen.Bool
        from data in Bytes
        from accessList in AccessList
        from authorizations in Authorizations
        from hashes in Hash.Array[0, 3]
        select Make(type, numbers, words, to, creates, data, accessList, authorizations, hashes);

    public static readonly Gen<Withdrawal> Withdrawal =
        Gen.Select(Number, Number, Address, Number).Select((index, validator, address, amount) => new Withdrawal(index, validator, address, amount));

    /// <summary>Headers of every fork: each fork's fields stand behind all those of the forks before it.</summary>
    public static readonly Gen<Header> Header =
        from fields in Gen.Int[0, 8]
        from hashes in Hash.Array[10]
        from words in Word.Array[2]
        from numbers in Number.Array[8]
        from beneficiary in Address
        from extra in Gen.Byte.Array[0, 60]
        from bloom in Gen.Byte.Array[256]
        select new Header
        {
            ParentHash = hashes[0],
            OmmersHash = hashes[1],
            Beneficiary = beneficiary,
            StateRoot = hashes[2],
            TransactionsRoot = hashes[3],
            ReceiptsRoot = hashes[4],
            LogsBloom = Bloom.FromBytes(bloom),
            Difficulty = words[0],
            Number = numbers[0],
            GasLimit = numbers[1],
            GasUsed = numbers[2],
            Timestamp = numbers[3],
            ExtraData = extra,
            PrevRandao = hashes[5],
            Nonce = numbers[4],
            BaseFeePerGas = fields > 0 ? words[1] : null,
            WithdrawalsRoot = fields > 1 ? hashes[6] : null,
            BlobGasUsed = fields > 2 ? numbers[5] : null,
            ExcessBlobGas = fields > 3 ? numbers[6] : null,
            ParentBeaconBlockRoot = fields > 4 ? hashes[7] : null,
            RequestsHash = fields > 5 ? hashes[8] : null,
            BlockAccessListHash = fields > 6 ? hashes[9] : null,
            SlotNumber = fields > 7 ? numbers[7] : null,
        };

    public static readonly Gen<Block> Block =
        from header in Header
        from transactions in Transaction.Array[0, 4]
        from ommers in Header.Array[0, 2]
        from withdrawals in Withdrawal.Array[0, 3]
        from hasWithdrawals in Gen.Bool
        select new Block(header, transactions, ommers, hasWithdrawals ? withdrawals : null);

    static readonly Gen<Log> Log =
        Gen.Select(Address, Hash.Array[0, 4], Bytes).Select((address, topics, data) => new Log(address, topics, data));

    public static readonly Gen<Receipt> Receipt =
        from type in Gen.Enum<TransactionType>()
        from root in Hash
        from outcome in Gen.Int[0, 2]
        from gas in Number
        from logs in Log.Array[0, 3]
        select new Receipt { Type = type, PostState = outcome == 2 ? root : null, Succeeded = outcome != 0, CumulativeGasUsed = gas, Logs = logs, LogsBloom = Bloom.Of(logs) };

    /// <summary>Bytes with one to five faults: bytes changed, cut, repeated, moved, lengths made to lie.</summary>
    public static Gen<byte[]> Damaged(byte[] bytes) =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, Math.Max(0, bytes.Length - 1)], Gen.Int[0, 40], Gen.Byte).Array[1, 5].Select(faults =>
        {
            var damaged = bytes.ToList();
            foreach (var (kind, place, size, value) in faults)
            {
                var at = Math.Min(place, damaged.Count);
                var count = Math.Min(size, damaged.Count - at);
                switch (kind)
                {
                    case 0: if (at < damaged.Count) damaged[at] = value; break;
                    case 1: if (at < damaged.Count) damaged[at] ^= (byte)(1 << (value & 7)); break;
                    case 2: damaged.RemoveRange(at, count); break;
                    case 3: damaged.InsertRange(at, damaged.GetRange(at, count)); break;
                    case 4: damaged.Insert(at, value); break;
                    // A length of up to eight bytes, which nothing that follows can fill.
                    case 5: if (at < damaged.Count) damaged[at] = (byte)((value & 1) != 0 ? 0xF8 + (value >> 5) : 0xB8 + (value >> 5)); break;
                    default: for (var i = at; i < at + count; i++) damaged[i] = (byte)((value & 1) != 0 ? 0xC0 : 0xFF); break;
                }
            }
            return damaged.ToArray();
        });

    static Transaction Make(TransactionType type, ulong[] numbers, UInt256[] words, Address to, bool creates, byte[] data,
        AccessListEntry[] accessList, Authorization[] authorizations, Hash256[] hashes)
    {
        var (chain, nonce, gas, parity) = (numbers[0], numbers[1], numbers[2], numbers[3]);
        Address? recipient = creates ? null : to;
        return type switch
        {
            TransactionType.Legacy => new LegacyTransaction { Nonce = nonce, GasPrice = words[0], GasLimit = gas, To = recipient, Value = words[1], Data = data, V = chain, R = words[2], S = words[3] },
            TransactionType.AccessList => new AccessListTransaction
            { ChainId = chain, Nonce = nonce, GasPrice = words[0], GasLimit = gas, To = recipient, Value = words[1], Data = data, AccessList = accessList, YParity = parity, R = words[2], S = words[3] },
            TransactionType.DynamicFee => new DynamicFeeTransaction
            { ChainId = chain, Nonce = nonce, MaxFeePerGas = words[0], MaxPriorityFeePerGas = words[4], GasLimit = gas, To = recipient, Value = words[1], Data = data, AccessList = accessList, YParity = parity, R = words[2], S = words[3] },
            TransactionType.Blob => new BlobTransaction
            {
                ChainId = chain,
                Nonce = nonce,
                MaxFeePerGas = words[0],
                MaxPriorityFeePerGas = words[4],
                GasLimit = gas,
                To = to,
                Value = words[1],
                Data = data,
                AccessList = accessList,
                MaxFeePerBlobGas = words[5],
                BlobVersionedHashes = hashes,
                YParity = parity,
                R = words[2],
                S = words[3],
            },
            _ => new SetCodeTransaction
            {
                ChainId = chain,
                Nonce = nonce,
                MaxFeePerGas = words[0],
                MaxPriorityFeePerGas = words[4],
                GasLimit = gas,
                To = to,
                Value = words[1],
                Data = data,
                AccessList = accessList,
                AuthorizationList = authorizations,
                YParity = parity,
                R = words[2],
                S = words[3],
            },
        };
    }
}
