namespace Hufu.Consensus;

/// <summary>The way to a head that the consensus client has named and that is not reached yet.</summary>
/// <param name="From">The head's number when it began.</param>
/// <param name="Highest">The number of the head that was named, as far as it is known.</param>
public sealed record BeaconSync(ulong From, ulong Highest);
