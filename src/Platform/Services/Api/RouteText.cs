using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>Values in a URL.</summary>
static class RouteText
{
    /// <param name="what">What it is meant to be, as a refusal names it.</param>
    public static Hash256 Hash(string text, string what) =>
        Hash256.TryParse(text, out var hash) ? hash : throw ProblemException.Invalid($"{what} '{text}' is no hash", "a hash is 0x and 64 hexadecimal digits", "copy it whole");

    public static Address Address(string text, string what) =>
        Primitives.Address.TryParse(text, out var address) ? address : throw ProblemException.Invalid($"{what} '{text}' is no address", "an address is 0x and 40 hexadecimal digits", "copy it whole");
}
