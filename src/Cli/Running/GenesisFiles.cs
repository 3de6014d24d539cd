using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>Which genesis a chain has: the file the user gives, else the one kept in the data folder since the chain began, else what the command makes.</summary>
static class GenesisFiles
{
    /// <param name="given">The path after --genesis; null where there was none.</param>
    /// <param name="folder">The data folder; null for a chain in memory.</param>
    /// <param name="make">The bytes of the genesis file of a new chain; null where the command cannot begin one by itself.</param>
    /// <param name="isNew">Whether the folder had none; then it has this one now.</param>
    public static bool TryFind(string? given, string? folder, Func<byte[]>? make, [NotNullWhen(true)] out Genesis? genesis, out bool isNew, [NotNullWhen(false)] out Refusal? refusal)
    {
        (genesis, isNew, refusal) = (null, true, null);
        var kept = folder is null ? null : Path.Combine(folder, "genesis.json");
        try
        {
            isNew = kept is null || !File.Exists(kept);
            byte[] file;
            if (given is not null) file = File.ReadAllBytes(given);
            else if (!isNew) file = File.ReadAllBytes(kept!);
            else if (make is not null) file = make();
            else
            {
                refusal = new Refusal($"no chain is kept in {folder}", "nothing tells with which genesis block it begins", "give the genesis file with --genesis, or the folder of a chain with --data");
                return false;
            }
            if (!GenesisJson.TryParse(file, out genesis, out refusal)) return false;
            if (isNew && kept is not null) Keep(kept, file);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal("cannot read or keep the genesis file", error.Message, "check the paths after --genesis and --data");
            return false;
        }
    }

    // In one step, so that a crash leaves a whole file or none.
    static void Keep(string path, byte[] file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path + ".new", file);
        File.Move(path + ".new", path);
    }
}
