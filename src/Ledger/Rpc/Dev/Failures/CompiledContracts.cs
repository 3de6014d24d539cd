using System.Globalization;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// The contracts that were compiled into a folder, with their source maps: Hardhat's `build-info` (2 and 3), Foundry's `out`. Read when a failure asks for
/// them, and again when code comes that is not among them.
/// </summary>
sealed class CompiledContracts(string folder, TimeProvider clock)
{
    const long LargestFile = 512 << 20;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly Lock _lock = new();
    List<CompiledContract> _all = [];
    DateTimeOffset _lastLook;

    /// <param name="isCreation">Whether this is code that makes a contract, its arguments behind it.</param>
    public CompiledContract? Find(ReadOnlySpan<byte> code, bool isCreation)
    {
        if (code.Length == 0) return null;
        lock (_lock)
        {
            if (Among(_all, code, isCreation) is { } found) return found;
            if (clock.GetUtcNow() - _lastLook < Patience) return null;
            _all = ReadAll();
            _lastLook = clock.GetUtcNow();
            return Among(_all, code, isCreation);
        }
    }

    static CompiledContract? Among(List<CompiledContract> all, ReadOnlySpan<byte> code, bool isCreation)
    {
        CompiledContract? best = null;
        foreach (var one in all)
            if (one.IsCreation == isCreation && one.Length > (best?.Length ?? 0) && one.Is(code)) best = one;
        return best;
    }

    List<CompiledContract> ReadAll()
    {
        var all = new List<CompiledContract>();
        if (!Directory.Exists(folder)) return all;
        var ofFoundry = new List<JsonElement>();
        var paths = new Dictionary<int, string>();
        foreach (var path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories))
        {
            if (ReadJson(path) is not { } root) continue;
            if (root.TryGetProperty("output", out var output))
            {
                if (InputBeside(path, root) is { } input) ReadBuild(input, output, all);
            }
            else if (root.TryGetProperty("source_id_to_path", out var names)) foreach (var name in names.EnumerateObject()) paths.TryAdd(int.Parse(name.Name, CultureInfo.InvariantCulture), name.Value.GetString()!);
            else if (root.TryGetProperty("deployedBytecode", out var code) && code.ValueKind == JsonValueKind.Object) ofFoundry.Add(root);
        }
        ReadOfFoundry(ofFoundry, paths, all);
        return all;
    }

    static JsonElement? ReadJson(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Length is 0 or > LargestFile) return null;
            using var stream = file.OpenRead();
            using var document = JsonDocument.Parse(stream);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            // A file being written, or none of ours: the rest is read all the same.
            return null;
        }
    }

    // Hardhat 3 keeps what went into a build in a file of its own: `x.json` beside `x.output.json`.
    static JsonElement? InputBeside(string path, JsonElement root)
    {
        if (root.TryGetProperty("input", out var input)) return input;
        const string OfOutput = ".output.json";
        return path.EndsWith(OfOutput, StringComparison.Ordinal) && ReadJson(path[..^OfOutput.Length] + ".json") is { } other && other.TryGetProperty("input", out input) ? input : null;
    }

    static void ReadBuild(JsonElement input, JsonElement output, List<CompiledContract> all)
    {
        if (!input.TryGetProperty("sources", out var texts) || !output.TryGetProperty("sources", out var sources) || !output.TryGetProperty("contracts", out var contracts)) return;
        var files = new Dictionary<int, SourceFile>();
        foreach (var source in sources.EnumerateObject())
            if (source.Value.TryGetProperty("id", out var id) && texts.TryGetProperty(source.Name, out var entry) && entry.TryGetProperty("content", out var text))
                files[id.GetInt32()] = new SourceFile(NameOf(source.Name), text.GetString()!);
        foreach (var file in contracts.EnumerateObject())
            foreach (var contract in file.Value.EnumerateObject())
            {
                if (!contract.Value.TryGetProperty("evm", out var evm)) continue;
                foreach (var (member, isCreation) in new[] { ("bytecode", true), ("deployedBytecode", false) })
                    if (evm.TryGetProperty(member, out var code) && ReadCode(contract.Name, code, isCreation, files) is { } read) all.Add(read);
            }
    }

    // Foundry keeps neither the sources nor, without being asked, the build as a whole: the files lie where they were compiled.
    void ReadOfFoundry(List<JsonElement> artifacts, Dictionary<int, string> paths, List<CompiledContract> all)
    {
        foreach (var artifact in artifacts)
            if (artifact.TryGetProperty("id", out var id) && PathOf(artifact) is { } path) paths.TryAdd(id.GetInt32(), path);
        var files = new Dictionary<int, SourceFile>();
        foreach (var (id, path) in paths)
            if (FindSource(path) is { } found) files[id] = new SourceFile(path, File.ReadAllText(found));
        foreach (var artifact in artifacts)
            foreach (var (member, isCreation) in new[] { ("bytecode", true), ("deployedBytecode", false) })
                if (artifact.TryGetProperty(member, out var code) && ReadCode("", code, isCreation, files) is { } read) all.Add(read);
    }

    static string? PathOf(JsonElement artifact) =>
        artifact.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object && metadata.TryGetProperty("settings", out var settings)
        && settings.TryGetProperty("compilationTarget", out var target) ? target.EnumerateObject().Select(static entry => entry.Name).FirstOrDefault() : null;

    // The project is the folder above its `out`.
    string? FindSource(string path)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, path) is var file && File.Exists(file)) return file;
        return null;
    }

    static CompiledContract? ReadCode(string name, JsonElement code, bool isCreation, Dictionary<int, SourceFile> files)
    {
        if (!code.TryGetProperty("object", out var text) || text.GetString() is not { Length: > 2 } digits || !code.TryGetProperty("sourceMap", out var map) || map.GetString() is not { Length: > 0 } sourceMap) return null;
        if (digits.StartsWith("0x", StringComparison.Ordinal)) digits = digits[2..];
        // The name of a library stands where its address will be.
        var bytes = new byte[digits.Length / 2];
        for (var i = 0; i < bytes.Length; i++)
            if (char.IsAsciiHexDigit(digits[2 * i]) && char.IsAsciiHexDigit(digits[2 * i + 1])) bytes[i] = Convert.FromHexString(digits.AsSpan(2 * i, 2))[0];
        var holes = new List<(int Start, int Length)>();
        if (code.TryGetProperty("linkReferences", out var links))
            foreach (var file in links.EnumerateObject())
                foreach (var library in file.Value.EnumerateObject()) AddHoles(library.Value, holes);
        if (code.TryGetProperty("immutableReferences", out var immutables))
            foreach (var immutable in immutables.EnumerateObject()) AddHoles(immutable.Value, holes);
        // A library's own address stands behind the first PUSH20 of its code once it is deployed.
        if (!isCreation && bytes.Length > 21 && bytes[0] == (byte)Evm.Opcode.Push20 && !bytes.AsSpan(1, Address.Size).ContainsAnyExcept((byte)0)) holes.Add((1, Address.Size));
        holes.Sort();
        return new CompiledContract(name, bytes, holes, isCreation, sourceMap, files);
    }

    static void AddHoles(JsonElement places, List<(int Start, int Length)> holes)
    {
        foreach (var place in places.EnumerateArray()) holes.Add((place.GetProperty("start").GetInt32(), place.GetProperty("length").GetInt32()));
    }

    // As Hardhat 3 names the user's own files.
    static string NameOf(string name) => name.StartsWith("project/", StringComparison.Ordinal) ? name["project/".Length..] : name;
}
