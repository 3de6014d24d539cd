using System.Diagnostics.CodeAnalysis;
using Hufu.Consensus;
using Hufu.Network;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>The folder of one chain, held by one process at a time. The operating system gives it free when the process ends, however it ends.</summary>
public sealed class DataFolder : IDisposable
{
    readonly FileStream _lock;

    DataFolder(string path, FileStream hold) => (Path, _lock) = (path, hold);

    public string Path { get; }
    public string Store => StoreIn(Path);
    public string PoolJournal => System.IO.Path.Combine(Path, "pool.journal");

    /// <summary>The secret of the port for consensus clients, unless another is given.</summary>
    public string JwtSecret => System.IO.Path.Combine(Path, "jwt.hex");

    /// <summary>The secret by which peers know this node.</summary>
    public string NodeKey => System.IO.Path.Combine(Path, "nodekey");

    /// <summary>What this validator signed.</summary>
    public string SigningRecord => RecordIn(Path);

    /// <summary>The genesis that the chain in this folder began with.</summary>
    public string GenesisFile => System.IO.Path.Combine(Path, "genesis.json");

    static string RecordIn(string path) => System.IO.Path.Combine(path, "qbft");

    internal static string StoreIn(string path) => System.IO.Path.Combine(path, "store");

    /// <summary>The key of a validator's folder. One that is made here has signed nothing, and the folder says so: a folder with the key alone is one that was lost.</summary>
    public static bool TryReadOrMakeKey(string path, [NotNullWhen(true)] out NodeKey? key, [NotNullWhen(false)] out Refusal? refusal)
    {
        var file = System.IO.Path.Combine(path, "nodekey");
        try
        {
            Directory.CreateDirectory(path);
            var isNew = !File.Exists(file);
            if (!Hufu.Network.NodeKey.TryReadOrMake(file, out key, out refusal)) return false;
            if (isNew) SigningRecordFile.Begin(RecordIn(path));
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            key = null;
            refusal = new Refusal($"cannot use the folder {path}", error.Message, "let this user read and write it");
            return false;
        }
    }

    public static bool TryHold(string path, [NotNullWhen(true)] out DataFolder? folder, [NotNullWhen(false)] out Refusal? refusal)
    {
        (folder, refusal) = (null, null);
        try
        {
            Directory.CreateDirectory(path);
            var hold = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            folder = new DataFolder(path, hold);
            return true;
        }
        catch (IOException) when (Directory.Exists(path))
        {
            refusal = new Refusal($"the data folder {path} is in use", "another hufu process has it open", "stop that process, or choose another folder with --data");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot use the data folder {path}", error.Message, "choose a folder that can be written to with --data");
        }
        return false;
    }

    public void Dispose() => _lock.Dispose();
}
