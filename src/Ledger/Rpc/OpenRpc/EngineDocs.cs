using static Hufu.Rpc.MethodDocs;

namespace Hufu.Rpc;

/// <summary>The pages of the Engine API, on the port for a consensus client.</summary>
static class EngineDocs
{
    const string Zero = "0x0000000000000000000000000000000000000000000000000000000000000000";
    const string Status = """{"title":"Payload status","type":"object","properties":{"status":{"type":"string","enum":["VALID","INVALID","SYNCING","ACCEPTED","INVALID_BLOCK_HASH"]},"latestValidHash":{"oneOf":[{"$ref":"#/components/schemas/hash32"},{"type":"null"}]},"validationError":{"type":["string","null"]}},"required":["status","latestValidHash"]}""";
    const string Choice = """{"title":"Fork choice","type":"object","properties":{"payloadStatus":{"type":"object"},"payloadId":{"type":["string","null"]}},"required":["payloadStatus","payloadId"]}""";

    static readonly string[] Forks = ["Paris", "Shanghai", "Cancun", "Prague", "Osaka", "Amsterdam"];
    static readonly ParameterDoc Payload = Required("Execution payload", "object");
    static readonly ParameterDoc[] Further = [Required("Expected blob versioned hashes", "hash32[]"), Required("Parent beacon block root", "hash32"), Required("Execution requests", "bytes[]")];

    public static IReadOnlyList<MethodDoc> All { get; } =
    [
        // Which versions a fork has: docs/guide/en/consensus-client.md.
        .. Versions(5, version => OfEngine($"engine_newPayloadV{version}", $"Judges a payload{ForksOf(version, "Paris", "Shanghai and before", "Cancun", "Prague and Osaka", "Amsterdam")}; a valid one is kept. The head stays.",
            [Payload, .. Further.Take(version switch { < 3 => 0, 3 => 2, _ => 3 })], "Payload status", Status, version < 3 ? "[{}]" : version == 3 ? $"[{{}}, [], \"{Zero}\"]" : $"[{{}}, [], \"{Zero}\", []]")),
        .. Versions(4, version => OfEngine($"engine_forkchoiceUpdatedV{version}", $"Names head, safe and finalised block{ForksOf(version, "Paris", "Shanghai and before", "Cancun to Osaka", "Amsterdam")}, and begins to build on the head where there are attributes.",
            [Required("Fork choice state", "object"), Optional("Payload attributes", "object?"), .. version >= 4 ? [Optional("Custody columns", "bytes?")] : Array.Empty<ParameterDoc>()], "Fork choice", Choice,
            $$"""[{"headBlockHash": "{{Zero}}", "safeBlockHash": "{{Zero}}", "finalizedBlockHash": "{{Zero}}"}, null]""")),
        .. Versions(6, version => OfEngine($"engine_getPayloadV{version}", $"The best block of a build so far ({Forks[version - 1]}); asking ends the build.", [Required("Payload id", "bytes")], "Payload", "object", """["0x0011223344556677"]""")),
        .. Versions(2, version => OfEngine($"engine_getPayloadBodiesByHashV{version}", "Transactions and withdrawals of blocks; null for each that is not here.", [Required("Block hashes", "hash32[]")], "Bodies", "object[]", $"[[\"{Zero}\"]]")),
        .. Versions(2, version => OfEngine($"engine_getPayloadBodiesByRangeV{version}", "Transactions and withdrawals of blocks of the chain, up to its head.", [Required("First block", "uint"), Required("Blocks", "uint")], "Bodies", "object[]", """["0x1", "0x20"]""")),
        OfEngine("engine_getBlobsV1", "Blobs that wait in the pool, each with its proof (Cancun, Prague); null for each that does not.", [Required("Blob versioned hashes", "hash32[]")], "Blobs", "object[]", $"[[\"{Zero}\"]]"),
        OfEngine("engine_getBlobsV2", "Blobs that wait in the pool with their cell proofs (Osaka), all or null.", [Required("Blob versioned hashes", "hash32[]")], "Blobs", "object[]?", $"[[\"{Zero}\"]]"),
        OfEngine("engine_getBlobsV3", "Blobs that wait in the pool with their cell proofs (Osaka); null for each that does not.", [Required("Blob versioned hashes", "hash32[]")], "Blobs", "object[]?", $"[[\"{Zero}\"]]"),
        OfEngine("engine_exchangeCapabilities", "The methods of this port, to a client that tells its own.", [Required("Methods", "string[]")], "Methods", "string[]", """[["engine_newPayloadV4"]]"""),
        OfEngine("engine_getClientVersionV1", "Name, version and commit of this client, to one that tells its own.", [Required("Client version", "object")], "Client versions", "object[]", """[{"code": "LS", "name": "Lodestar", "version": "v1", "commit": "0x00000000"}]"""),
        OfEngine("engine_exchangeTransitionConfigurationV1", "Compares where proof of stake begins; clients before Cancun ask.", [Required("Transition configuration", "object")], "Transition configuration", "object",
            $$"""[{"terminalTotalDifficulty": "0x0", "terminalBlockHash": "{{Zero}}", "terminalBlockNumber": "0x0"}]"""),
    ];

    static IEnumerable<MethodDoc> Versions(int count, Func<int, MethodDoc> make) => Enumerable.Range(1, count).Select(make);

    static string ForksOf(int version, params string[] forks) => $" ({forks[version - 1]})";

    static MethodDoc OfEngine(string name, string summary, IReadOnlyList<ParameterDoc> parameters, string resultName, string result, string example) =>
        new(name, summary, parameters, resultName, result, example) { Where = "On the port for a consensus client, with its token." };
}
