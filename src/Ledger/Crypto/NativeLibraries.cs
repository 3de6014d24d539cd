namespace Hufu.Crypto;

/// <summary>Whether the machine's own libraries may do work that a managed twin here does as well.</summary>
static class NativeLibraries
{
    /// <summary>False with HUFU_MANAGED_CRYPTO=1: then everything runs as on a machine that has none of them, to compare the two or to rule one out.</summary>
    public static bool AreWelcome { get; } = Environment.GetEnvironmentVariable("HUFU_MANAGED_CRYPTO") is not ("1" or "true");
}
