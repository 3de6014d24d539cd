namespace Hufu.Cli;

/// <summary>What one case of a suite came to.</summary>
/// <param name="Name">Unique within its file, as the file writes it.</param>
/// <param name="Fault">Why it failed; null where it passed.</param>
/// <param name="Skipped">Why it was not run; null where it was.</param>
sealed record FixtureVerdict(string Name, string Fork, string? Fault, string? Skipped = null, Hufu.Primitives.Hash256? StateRoot = null, Hufu.Primitives.Hash256? LastBlockHash = null)
{
    public bool Passed => Fault is null && Skipped is null;
}
