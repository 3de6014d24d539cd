using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Tests that hold a rate of blocks to the clock: each runs alone, after all that run side by side.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TimedTests
{
    public const string Name = "timed";
}
