using System.Collections.Concurrent;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>ABIs that visitors gave, found again by the hash of their text, which the page's address carries. So what one visitor gives changes nothing for another.</summary>
public sealed class AbiShelf
{
    const int Kept = 256;

    readonly ConcurrentDictionary<string, ContractAbi> _abis = new(StringComparer.Ordinal);

    /// <returns>The key to find it by; null where the text is no ABI.</returns>
    public string? Keep(string text, out Refusal? refusal)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        if (!ContractAbi.TryParse(bytes, out var abi, out refusal)) return null;
        var key = Keccak256.Hash(bytes).ToString()[2..18];
        if (_abis.Count >= Kept && !_abis.ContainsKey(key)) _abis.Clear();
        _abis[key] = abi;
        return key;
    }

    public ContractAbi? Find(string? key) => key is not null && _abis.TryGetValue(key, out var abi) ? abi : null;
}
