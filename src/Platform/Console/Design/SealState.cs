namespace Hufu.WebConsole;

/// <summary>How the two halves of a seal stand to each other.</summary>
public enum SealState
{
    /// <summary>They fit: it stands proven.</summary>
    Joined,

    /// <summary>One half is still missing: it waits.</summary>
    Apart,

    /// <summary>They do not fit: it failed.</summary>
    Broken,
}
