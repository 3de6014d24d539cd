namespace Hufu.WebConsole;

/// <summary>The languages of the console. Every text stands in the code in both, side by side, so that none can be missing (docs/decisions, "The console").</summary>
public enum Tongue
{
    English,
    Chinese,
}
