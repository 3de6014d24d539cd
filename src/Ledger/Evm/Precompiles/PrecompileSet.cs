using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The precompiles of one fork, by address.</summary>
public sealed class PrecompileSet
{
    static readonly PrecompileSet?[] ByFork = new PrecompileSet?[Enum.GetValues<Fork>().Length];

    readonly Precompile?[] _byNumber = new Precompile?[0x101];

    // Those that stand at addresses no number reaches.
    readonly Dictionary<Address, Precompile>? _moved;

    PrecompileSet(PrecompileSet original)
    {
        original._byNumber.CopyTo(_byNumber, 0);
        _moved = original._moved is null ? [] : new(original._moved);
    }

    PrecompileSet(ForkRules rules)
    {
        void Add(int number, Precompile precompile) => _byNumber[number] = precompile;

        Add(0x01, new EcRecover());
        Add(0x02, new Sha256());
        Add(0x03, new Ripemd160());
        Add(0x04, new Identity());
        if (rules.Has(Eip.ModExpPrecompile)) Add(0x05, ModExp.Of(rules));
        if (rules.Has(Eip.Bn254AddMultiply))
        {
            var cheaper = rules.Has(Eip.Bn254GasReduction);
            Add(0x06, new Bn254Add(cheaper));
            Add(0x07, new Bn254Multiply(cheaper));
            Add(0x08, new Bn254PairingCheck(cheaper));
        }
        if (rules.Has(Eip.Blake2Precompile)) Add(0x09, new Blake2F());
        if (rules.Has(Eip.BlobTransactions)) Add(0x0a, new PointEvaluation());
        if (rules.Has(Eip.Bls12381Precompiles))
        {
            Add(0x0b, new BlsG1Add());
            Add(0x0c, new BlsG1MultiExponentiation());
            Add(0x0d, new BlsG2Add());
            Add(0x0e, new BlsG2MultiExponentiation());
            Add(0x0f, new BlsPairingCheck());
            Add(0x10, new BlsMapFpToG1());
            Add(0x11, new BlsMapFp2ToG2());
        }
        if (rules.Has(Eip.P256Precompile)) Add(0x100, new P256Verify());
    }

    public static PrecompileSet For(ForkRules rules) => ByFork[(int)rules.Fork] ??= new PrecompileSet(rules);

    /// <summary>The precompile at an address that <see cref="Contains"/> one.</summary>
    internal Precompile this[in Address address] => IsNumber(address) ? _byNumber[NumberOf(address)]! : _moved![address];

    public bool Contains(in Address address) => IsNumber(address) ? _byNumber[NumberOf(address)] is not null : _moved is not null && _moved.ContainsKey(address);

    /// <summary>The same set with some of its precompiles elsewhere, or nowhere (an override of eth_simulateV1).</summary>
    /// <param name="removed">Where none stands any more.</param>
    /// <param name="moved">From where to where; first all are taken away, then all are put.</param>
    public PrecompileSet With(IReadOnlyCollection<Address> removed, IReadOnlyCollection<(Address From, Address To)> moved)
    {
        var set = new PrecompileSet(this);
        foreach (var address in removed) set.Put(address, null);
        foreach (var (from, _) in moved) set.Put(from, null);
        foreach (var (from, to) in moved) set.Put(to, this[from]);
        return set;
    }

    void Put(in Address address, Precompile? precompile)
    {
        if (IsNumber(address)) _byNumber[NumberOf(address)] = precompile;
        else if (precompile is null) _moved!.Remove(address);
        else _moved![address] = precompile;
    }

    bool IsNumber(in Address address)
    {
        var bytes = address.Bytes;
        return (BinaryPrimitives.ReadUInt64LittleEndian(bytes) | BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])) == 0 && NumberOf(address) < _byNumber.Length;
    }

    static uint NumberOf(in Address address) => BinaryPrimitives.ReadUInt32BigEndian(address.Bytes[16..]);
}
