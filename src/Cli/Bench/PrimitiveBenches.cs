using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Cli;

static class PrimitiveBenches
{
    public static void Keccak(int repeat)
    {
        const int rounds = 100_000;
        foreach (var size in new[] { 32, 64, 136, 576 })
        {
            var data = new byte[size];
            Timings.Of(repeat, () =>
            {
                for (var i = 0; i < rounds; i++) Keccak256.Hash(data, data);
            }).Report($"keccak-{size}", rounds);

            var digests = new byte[128];
            Timings.Of(repeat, () =>
            {
                for (var i = 0; i < rounds; i++) Keccak256.HashFour(data, data, data, data, digests);
            }).Report($"keccak-{size}-by-four", 4 * rounds);
        }
    }

    public static void Recover(int repeat)
    {
        var secret = new byte[32];
        secret[31] = 1;
        var envelopes = Enumerable.Range(0, 200).Select(nonce => ((Transaction)TransactionSigning.Sign(
            new DynamicFeeTransaction { ChainId = 31337, Nonce = (ulong)nonce, GasLimit = 21000, To = Address.FromNumber(1), MaxFeePerGas = 1_000_000_000 }, secret)).Encoded.ToArray()).ToList();
        var transactions = new List<Transaction>();
        Timings.Of(repeat, () =>
        {
            SenderRecovery.Recover(transactions, 0, transactions.Count);
            foreach (var transaction in transactions)
                if (!SenderRecovery.TryRecover(transaction, requireLowS: true, out _)) throw new InvalidOperationException("a signature made here does not recover");
        }, prepare: () =>
        {
            // Decoded anew: a transaction remembers its sender.
            transactions.Clear();
            foreach (var envelope in envelopes) if (Transaction.TryDecode(envelope, out var decoded, out _)) transactions.Add(decoded);
        }).Report("recover", envelopes.Count, writer => writer.WriteString("implementation", Secp256k1.Implementation));
    }
}
