using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A node could not be asked, or said no. <see cref="Refusal"/> says what, why and how to mend it.</summary>
/// <param name="code">JSON-RPC's error code; null where the node did not answer at all.</param>
/// <param name="revert">What the contract reverted with, where it did.</param>
public sealed class ChainException(Refusal refusal, int? code = null, Revert? revert = null, Exception? inner = null) : Exception(refusal.ToString(), inner)
{
    public Refusal Refusal { get; } = refusal;
    public int? Code { get; } = code;
    public Revert? Revert { get; } = revert;
}
