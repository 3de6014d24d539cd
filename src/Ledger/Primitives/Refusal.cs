namespace Hufu.Primitives;

/// <summary>An expected failure, told so that the person who meets it can go on: what happened, why, and how to mend it.</summary>
/// <param name="What">Opens with the words that wallets and tools match on.</param>
/// <param name="Why">The values that disagree.</param>
/// <param name="Mend">What the caller can do; empty where nothing can be done.</param>
public sealed record Refusal(string What, string Why = "", string Mend = "")
{
    public override string ToString() =>
        string.Join("; ", new[] { What, Why, Mend }.Where(part => part.Length > 0));
}
