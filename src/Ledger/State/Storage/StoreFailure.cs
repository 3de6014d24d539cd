using Hufu.Primitives;

namespace Hufu.State;

/// <summary>The disk did not do what it was asked, or holds what was never written: nothing the program can go on from.</summary>
public sealed class StoreFailure : Exception
{
    public StoreFailure(Refusal refusal, Exception? cause = null) : base(refusal.ToString(), cause) => Refusal = refusal;

    public Refusal Refusal { get; }

    /// <summary>A value that no version of this program writes in this place.</summary>
    internal static StoreFailure Damaged(Table table, ReadOnlySpan<byte> key, string why) => new(new Refusal(
        $"the data folder is damaged: table {table.Name}, key {Hex.Encode(key)}",
        why,
        "stop the node and run `hufu doctor` on the data folder, or restore it from a backup"));
}
