namespace Hufu.Chain;

/// <summary>The chain that this one forks cannot be read just now: nothing was changed, and the same may be asked again.</summary>
public sealed class OriginUnavailable(string why) : Exception(why);
