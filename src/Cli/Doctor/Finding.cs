namespace Hufu.Cli;

enum Health
{
    Good,

    /// <summary>It works, but someone should know.</summary>
    Notable,
    Bad,
}

/// <summary>One thing that the doctor looked at.</summary>
sealed record Finding(string Name, Health Health, string Detail);
