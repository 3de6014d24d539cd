using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Hufu.Primitives;

/// <summary>
/// Reads genesis files as geth, Besu and execution-apis write them: numbers in hexadecimal or decimal, quoted or not; addresses and code with
/// or without 0x; names in any letter case; comments allowed; members that mean nothing to the ledger ignored. A fork it does not know is refused,
/// because a node that passed over a fork would part from its network there.
/// </summary>
public sealed class GenesisJson
{
    // The names of forks in "config", in the order they come. geth has two for Spurious Dragon, which must agree.
    static readonly (string Name, Fork Fork)[] BlockForks =
    [
        ("homesteadBlock", Fork.Homestead), ("eip150Block", Fork.TangerineWhistle), ("eip155Block", Fork.SpuriousDragon), ("eip158Block", Fork.SpuriousDragon),
        ("byzantiumBlock", Fork.Byzantium), ("constantinopleBlock", Fork.Constantinople), ("petersburgBlock", Fork.Petersburg), ("istanbulBlock", Fork.Istanbul),
        ("muirGlacierBlock", Fork.MuirGlacier), ("berlinBlock", Fork.Berlin), ("londonBlock", Fork.London), ("arrowGlacierBlock", Fork.ArrowGlacier),
        ("grayGlacierBlock", Fork.GrayGlacier),
    ];

    static readonly (string Name, Fork Fork)[] TimeForks =
    [
        ("shanghai", Fork.Shanghai), ("cancun", Fork.Cancun), ("prague", Fork.Prague), ("osaka", Fork.Osaka),
        ("bpo1", Fork.Osaka), ("bpo2", Fork.Osaka), ("bpo3", Fork.Osaka), ("bpo4", Fork.Osaka), ("bpo5", Fork.Osaka), ("amsterdam", Fork.Amsterdam),
    ];

    string? _fault;

    GenesisJson() { }

    /// <summary>Parses the UTF-8 bytes of a genesis file.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out Genesis? genesis, [NotNullWhen(false)] out Refusal? refusal)
    {
        genesis = null;
        var parser = new GenesisJson();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            var read = parser.ReadGenesis(document.RootElement);
            if (parser._fault is null) genesis = read;
        }
        catch (JsonException malformed)
        {
            parser.Fail("", $"it is not JSON (line {malformed.LineNumber + 1}): {Shortened(malformed.Message, 300)}");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json refuses half a surrogate pair only when the text is asked for.
            parser.Fail("", "a text in it is not valid Unicode");
        }
        refusal = parser._fault is { } why ? new Refusal("invalid genesis", why, "write it as geth or Besu do; networks/dev.json is an example") : null;
        return genesis is not null;
    }

    Genesis ReadGenesis(JsonElement root)
    {
        var fields = Members(root, "the genesis");
        var hasConfig = fields.TryGetValue("config", out var config);
        return new Genesis
        {
            Schedule = ReadSchedule(hasConfig ? Members(config, "config") : []),
            Config = hasConfig ? config.Clone() : null,
            Alloc = ReadAlloc(fields),
            ParentHash = ReadHash(fields, "parentHash"),
            Beneficiary = fields.TryGetValue("coinbase", out var coinbase) ? ReadAddress(coinbase, "coinbase") : Address.Zero,
            Difficulty = ReadNumber(fields, "difficulty") ?? UInt256.Zero,
            Number = ReadUInt64(fields, "number") ?? 0,
            GasLimit = ReadUInt64(fields, "gasLimit") ?? Missing("gasLimit"),
            GasUsed = ReadUInt64(fields, "gasUsed") ?? 0,
            Timestamp = ReadUInt64(fields, "timestamp") ?? 0,
            ExtraData = fields.TryGetValue("extraData", out var extra) ? ReadBytes(extra, "extraData") : [],
            PrevRandao = ReadHash(fields, "mixHash"),
            Nonce = ReadUInt64(fields, "nonce") ?? 0,
            BaseFeePerGas = ReadNumber(fields, "baseFeePerGas"),
            BlobGasUsed = ReadUInt64(fields, "blobGasUsed"),
            ExcessBlobGas = ReadUInt64(fields, "excessBlobGas"),
            ParentBeaconBlockRoot = fields.ContainsKey("parentBeaconBlockRoot") ? ReadHash(fields, "parentBeaconBlockRoot") : null,
        };
    }

    ForkSchedule ReadSchedule(Dictionary<string, JsonElement> config)
    {
        RefuseUnknownForks(config);
        var byBlock = ReadBlockForks(config);
        var byTime = ReadTimeForks(config, out var blobs);
        var dao = ReadUInt64(config, "daoForkBlock");
        if (config.TryGetValue("daoForkSupport", out var support) && support.ValueKind == JsonValueKind.False) dao = null;
        return new ForkSchedule(byBlock, byTime, blobs)
        {
            ChainId = ReadUInt64(config, "chainId") ?? 1,
            TerminalTotalDifficulty = ReadNumber(config, "terminalTotalDifficulty"),
            DaoForkBlock = dao,
            MergeNetsplitBlock = ReadUInt64(config, "mergeNetsplitBlock"),
            DepositContract = config.TryGetValue("depositContractAddress", out var deposit) ? ReadAddress(deposit, "config.depositContractAddress") : ForkSchedule.MainnetDepositContract,
        };
    }

    List<(Fork, ulong)> ReadBlockForks(Dictionary<string, JsonElement> config)
    {
        var forks = new List<(Fork, ulong)>();
        (string Name, Fork Fork, ulong At)? last = null;
        foreach (var (name, fork) in BlockForks)
        {
            if (ReadUInt64(config, name, "config.") is not { } at) continue;
            if (last is { } before)
            {
                if (at < before.At) Fail("config", $"{name} ({at}) comes before {before.Name} ({before.At})");
                if (fork == before.Fork && at != before.At) Fail("config", $"{name} ({at}) and {before.Name} ({before.At}) name one fork and must agree");
            }
            last = (name, fork, at);
            forks.Add((fork, at));
        }
        return forks;
    }

    List<(Fork, ulong)> ReadTimeForks(Dictionary<string, JsonElement> config, out List<(ulong, BlobParameters)> blobs)
    {
        var forks = new List<(Fork, ulong)>();
        blobs = [];
        var schedule = config.TryGetValue("blobSchedule", out var declared) ? Members(declared, "config.blobSchedule") : [];
        (string Name, ulong At)? last = null;
        foreach (var (name, fork) in TimeForks)
        {
            if (ReadUInt64(config, name + "Time", "config.") is not { } at) continue;
            if (last is { } before && at < before.At) Fail("config", $"{name}Time ({at}) comes before {before.Name}Time ({before.At})");
            last = (name, at);
            if (forks.Count == 0 || forks[^1].Item1 != fork) forks.Add((fork, at));

            if (schedule.TryGetValue(name, out var blob)) blobs.Add((at, ReadBlob(blob, $"config.blobSchedule.{name}")));
            else if (fork is Fork.Cancun or Fork.Prague) blobs.Add((at, ForkRules.Of(fork).Blob));
            else if (name.StartsWith("bpo", StringComparison.Ordinal)) Fail("config.blobSchedule", $"{name} has a time but no blob parameters");
        }
        return forks;
    }

    BlobParameters ReadBlob(JsonElement element, string where)
    {
        var fields = Members(element, where);
        var blob = new BlobParameters(
            ReadUInt64(fields, "target", where + ".") ?? Missing(where + ".target"),
            ReadUInt64(fields, "max", where + ".") ?? Missing(where + ".max"),
            ReadUInt64(fields, "baseFeeUpdateFraction", where + ".") ?? Missing(where + ".baseFeeUpdateFraction"));
        // So many that their gas still counts in 64 bits, whatever is summed.
        if (blob.Max > uint.MaxValue || blob.Target > blob.Max) Fail(where, "target must not exceed max, nor max 2^32 - 1");
        if (blob.UpdateFraction == 0) Fail(where, "baseFeeUpdateFraction must not be zero");
        return blob;
    }

    void RefuseUnknownForks(Dictionary<string, JsonElement> config)
    {
        foreach (var (name, value) in config)
        {
            var isBlock = name.EndsWith("Block", StringComparison.OrdinalIgnoreCase);
            if (!isBlock && !name.EndsWith("Time", StringComparison.OrdinalIgnoreCase)) continue;
            if (value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String)) continue;
            var known = isBlock
                ? BlockForks.Any(fork => Same(fork.Name, name)) || Same(name, "daoForkBlock") || Same(name, "mergeNetsplitBlock")
                : TimeForks.Any(fork => Same(fork.Name + "Time", name));
            if (!known) Fail("config", $"'{Shortened(name)}' names a fork that is not known here");
        }

        static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
    }

    Dictionary<Address, GenesisAccount> ReadAlloc(Dictionary<string, JsonElement> fields)
    {
        var alloc = new Dictionary<Address, GenesisAccount>();
        if (!fields.TryGetValue("alloc", out var accounts)) return alloc;
        if (accounts.ValueKind != JsonValueKind.Object) { Fail("alloc", "it is not an object"); return alloc; }
        foreach (var entry in accounts.EnumerateObject())
        {
            if (_fault is not null) break;
            var where = $"alloc.{entry.Name}";
            var address = ReadAddress(entry.Name, where);
            if (!alloc.TryAdd(address, ReadAccount(entry.Value, where))) Fail(where, "the address is given twice");
        }
        return alloc;
    }

    GenesisAccount ReadAccount(JsonElement element, string where)
    {
        var fields = Members(element, where);
        return new GenesisAccount
        {
            Nonce = ReadUInt64(fields, "nonce", where + ".") ?? 0,
            // "wei" is what the oldest files call it.
            Balance = ReadNumber(fields, "balance", where + ".") ?? ReadNumber(fields, "wei", where + ".") ?? UInt256.Zero,
            Code = fields.TryGetValue("code", out var code) ? ReadBytes(code, where + ".code") : [],
            Storage = fields.TryGetValue("storage", out var storage) ? ReadStorage(storage, where + ".storage") : new Dictionary<UInt256, UInt256>(),
        };
    }

    Dictionary<UInt256, UInt256> ReadStorage(JsonElement element, string where)
    {
        var storage = new Dictionary<UInt256, UInt256>();
        if (element.ValueKind != JsonValueKind.Object) { Fail(where, "it is not an object"); return storage; }
        foreach (var entry in element.EnumerateObject())
        {
            if (_fault is not null) break;
            var slot = ReadWord(entry.Name, where);
            var value = entry.Value.ValueKind == JsonValueKind.String ? ReadWord(entry.Value.GetString()!, $"{where}.{entry.Name}") : ReadNumber(entry.Value, $"{where}.{entry.Name}");
            if (!storage.TryAdd(slot, value)) Fail(where, $"the slot {Shortened(entry.Name)} is given twice");
        }
        return storage;
    }

    // Storage keys and values are hexadecimal even without 0x.
    UInt256 ReadWord(string text, string where)
    {
        var digits = WithoutPrefix(text);
        if (digits.Length is 0 or > 64) { Fail(where, $"'{Shortened(text)}' is not a word of 32 bytes"); return default; }
        var decoded = DecodeHex(digits.Length % 2 == 0 ? digits : "0" + digits);
        if (decoded is null) { Fail(where, $"'{Shortened(text)}' is not hexadecimal"); return default; }
        return UInt256.FromBigEndian(decoded);
    }

    UInt256? ReadNumber(Dictionary<string, JsonElement> fields, string name, string where = "") =>
        fields.TryGetValue(name, out var element) ? ReadNumber(element, where + name) : null;

    UInt256 ReadNumber(JsonElement element, string where)
    {
        // Without a length limit the digits of a hostile file would cost quadratic time.
        var text = element.ValueKind switch
        {
            JsonValueKind.Number => element.GetRawText(),
            JsonValueKind.String => element.GetString()!,
            _ => "",
        };
        if (text.Length <= 80 && UInt256.TryParse(text is "0x" or "0X" ? "0" : text, out var number)) return number;
        Fail(where, element.ValueKind is JsonValueKind.Number or JsonValueKind.String
            ? $"'{Shortened(text)}' is not a whole number below 2^256, in decimal or in hexadecimal with 0x"
            : "it is not a number");
        return default;
    }

    ulong? ReadUInt64(Dictionary<string, JsonElement> fields, string name, string where = "")
    {
        if (ReadNumber(fields, name, where) is not { } number) return null;
        if (number.FitsUInt64) return number.Low64;
        Fail(where + name, $"{number} does not fit 64 bits");
        return 0;
    }

    Hash256 ReadHash(Dictionary<string, JsonElement> fields, string name)
    {
        if (!fields.TryGetValue(name, out var element)) return default;
        var bytes = ReadBytes(element, name);
        if (bytes.Length == Hash256.Size) return Hash256.FromBytes(bytes);
        Fail(name, $"a hash has 32 bytes, not {bytes.Length}");
        return default;
    }

    Address ReadAddress(JsonElement element, string where)
    {
        if (element.ValueKind == JsonValueKind.String) return ReadAddress(element.GetString()!, where);
        Fail(where, "it is not an address");
        return default;
    }

    Address ReadAddress(string text, string where)
    {
        if (DecodeHex(WithoutPrefix(text)) is { Length: Address.Size } bytes) return Address.FromBytes(bytes);
        Fail(where, $"'{Shortened(text)}' is not an address of 40 hexadecimal digits");
        return default;
    }

    byte[] ReadBytes(JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.String) { Fail(where, "it is not a text of hexadecimal digits"); return []; }
        var text = element.GetString()!;
        if (DecodeHex(WithoutPrefix(text)) is { } bytes) return bytes;
        Fail(where, $"'{Shortened(text)}' is not an even number of hexadecimal digits");
        return [];
    }

    // Members by name in any letter case; a null counts as absent.
    Dictionary<string, JsonElement> Members(JsonElement element, string where)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        if (element.ValueKind != JsonValueKind.Object) { Fail(where, "it is not an object"); return members; }
        foreach (var member in element.EnumerateObject())
            if (member.Value.ValueKind != JsonValueKind.Null) members[member.Name] = member.Value;
        return members;
    }

    ulong Missing(string where)
    {
        Fail(where, "it is missing");
        return 0;
    }

    void Fail(string where, string why) => _fault ??= where.Length == 0 ? why : $"{Shortened(where)}: {why}";

    static byte[]? DecodeHex(string digits)
    {
        if (digits.Length % 2 != 0) return null;
        var bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }

    static string WithoutPrefix(string text) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;

    static string Shortened(string text, int most = 80) => text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 3), "...");
}
