namespace Hufu.Chain;

public enum LogSearchEnd
{
    /// <summary>All blocks were searched.</summary>
    Complete,

    /// <summary>More logs match than one answer may hold.</summary>
    TooMany,

    /// <summary>The time was over.</summary>
    OutOfTime,
}

/// <summary>What a search for logs found.</summary>
/// <param name="CompleteTo">Up to this block everything was found: the same question up to here is answered whole.</param>
public sealed record LogSearch(IReadOnlyList<FoundLog> Found, LogSearchEnd End, ulong CompleteTo);
