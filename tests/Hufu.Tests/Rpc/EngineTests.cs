using System.Text.Json.Nodes;
using CsCheck;
using Hufu.Cli;
using Hufu.Primitives;
using Hufu.State;
using Hufu.Tests.Primitives;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>The Engine API as a consensus client meets it, in the cases that a healthy chain does not show.</summary>
public sealed class EngineTests
{
    [Fact]
    public async Task Payloads_that_come_before_their_parents_wait_and_are_judged_when_these_arrive()
    {
        await using var engine = new EngineChain();
        var blocks = Blocks(engine, 3);
        Assert.Equal(("SYNCING", null), await engine.NewPayload(blocks[2]));
        Assert.Equal(("SYNCING", null), await engine.NewPayload(blocks[1]));
        Assert.Equal(("SYNCING", null), await engine.Choose(blocks[2].Hash));
        Assert.Equal(("VALID", blocks[0].Hash), await engine.NewPayload(blocks[0]));
        Assert.Equal("VALID", StatusOf(await engine.UpdateUntilAnswered(blocks[2].Hash)));
        Assert.Equal(blocks[2].Hash, engine.Head);
    }

    [Fact]
    public async Task What_stands_on_an_invalid_block_is_invalid_and_names_the_last_valid_one()
    {
        await using var engine = new EngineChain();
        var good = Blocks(engine, 2);
        var bad = good[1] with { Header = good[1].Header with { StateRoot = Hash256.Zero } };
        var child = good[1] with { Header = good[1].Header with { ParentHash = bad.Hash, Number = 3, Timestamp = good[1].Header.Timestamp + 12 } };
        await engine.NewPayload(good[0]);
        // The child comes first and waits.
        Assert.Equal(("SYNCING", null), await engine.NewPayload(child));
        Assert.Equal(("INVALID", good[0].Hash), await engine.NewPayload(bad));
        Assert.Equal(("INVALID", good[0].Hash), await engine.NewPayload(child));
        Assert.Equal(("INVALID", good[0].Hash), await engine.Choose(child.Hash));
        Assert.Equal(("INVALID", good[0].Hash), await engine.Choose(bad.Hash));
        Assert.Equal(("VALID", good[1].Hash), await engine.NewPayload(good[1]));
        Assert.Equal(("VALID", good[1].Hash), await engine.Choose(good[1].Hash));
    }

    [Fact]
    public async Task A_branch_longer_than_is_kept_beside_the_chain_is_accepted_and_run_when_it_is_chosen()
    {
        await using var engine = new EngineChain(options: WorldStateOptions.InMemory with { KeptBlocks = 4 });
        var blocks = Blocks(engine, 12);
        var statuses = new List<string>();
        foreach (var block in blocks) statuses.Add((await engine.NewPayload(block)).Status);
        Assert.Equal("VALID", statuses[0]);
        Assert.Contains("ACCEPTED", statuses);
        Assert.DoesNotContain("INVALID", statuses);
        Assert.Equal("VALID", StatusOf(await engine.UpdateUntilAnswered(blocks[^1].Hash)));
        Assert.Equal(blocks[^1].Hash, engine.Head);
    }

    [Fact]
    public async Task What_the_head_stands_on_and_nobody_handed_in_is_named_as_missing_and_the_head_is_reached_when_it_comes()
    {
        await using var engine = new EngineChain();
        var progress = new List<Hufu.Consensus.BeaconSync?>();
        engine.Driver.Progressed += progress.Add;
        var blocks = Blocks(engine, 6);
        await engine.NewPayload(blocks[5]);
        Assert.Equal(("SYNCING", null), await engine.Choose(blocks[5].Hash));
        Assert.Equal(blocks[4].Hash, await engine.Writer.Ask(_ => engine.Driver.Missing));
        Assert.True(engine.Driver.IsSyncing);

        Assert.Null(await engine.Writer.Ask(_ => engine.Driver.TakeMissing(blocks[4].Hash, blocks[..3])));
        Assert.Equal(blocks[2].Hash, engine.Head);
        Assert.Null(await engine.Writer.Ask(_ => engine.Driver.TakeMissing(blocks[4].Hash, blocks[3..5])));
        Assert.Equal("VALID", StatusOf(await engine.UpdateUntilAnswered(blocks[5].Hash)));
        Assert.Equal(blocks[5].Hash, engine.Head);
        Assert.False(engine.Driver.IsSyncing);
        Assert.Null(await engine.Writer.Ask(_ => engine.Driver.Missing));
        Assert.Equal(new Hufu.Consensus.BeaconSync(0, 6), progress[0]);
        Assert.Null(progress[^1]);
    }

    [Fact]
    public async Task A_head_that_stands_on_an_invalid_block_found_on_the_way_is_invalid()
    {
        await using var engine = new EngineChain();
        var good = Blocks(engine, 2);
        var bad = good[1] with { Header = good[1].Header with { StateRoot = Hash256.Zero } };
        var wanted = bad with { Header = bad.Header with { ParentHash = bad.Hash, Number = 3 } };
        var head = bad with { Header = bad.Header with { ParentHash = wanted.Hash, Number = 4 } };
        await engine.NewPayload(head);
        Assert.Equal(("SYNCING", null), await engine.Choose(head.Hash));
        Assert.Equal(wanted.Hash, await engine.Writer.Ask(_ => engine.Driver.Missing));

        Assert.NotNull(await engine.Writer.Ask(_ => engine.Driver.TakeMissing(wanted.Hash, [good[0], bad, wanted])));
        Assert.Null(await engine.Writer.Ask(_ => engine.Driver.Missing));
        Assert.Equal(("INVALID", good[0].Hash), await engine.Choose(head.Hash));
        Assert.Equal(("INVALID", good[0].Hash), await engine.NewPayload(wanted));
        Assert.Equal(("VALID", good[1].Hash), await engine.NewPayload(good[1]));
        Assert.Equal(("VALID", good[1].Hash), await engine.Choose(good[1].Hash));
    }

    [Fact]
    public async Task A_block_in_the_making_takes_in_what_arrives_until_it_is_asked_for()
    {
        await using var engine = new EngineChain();
        var id = (await engine.Update(engine.Head, EngineChain.Attributes(1000)))["result"]!["payloadId"]!.GetValue<string>();
        await Task.Delay(400);
        Assert.Null(engine.Pool.Add(engine.Led.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5)).Refusal);
        JsonNode payload;
        for (var i = 0; ; i++)
        {
            await Task.Delay(300);
            // Asking ends a build; the same attributes under another recipient begin a new one, so only the first answer is that of the improved build.
            payload = (await engine.Ask("engine_getPayloadV3", id))["result"]!;
            if (payload["executionPayload"]!["transactions"]!.AsArray().Count > 0 || i == 0) break;
        }
        Assert.Single(payload["executionPayload"]!["transactions"]!.AsArray());
        Assert.NotEqual("0x0", payload["blockValue"]!.GetValue<string>());
        Assert.Equal(payload.ToJsonString(), (await engine.Ask("engine_getPayloadV3", id))["result"]!.ToJsonString());
    }

    [Fact]
    public async Task Faults_have_the_codes_of_the_specification()
    {
        await using var engine = new EngineChain();
        var blocks = Blocks(engine, 2);
        foreach (var block in blocks) await engine.NewPayload(block);
        await engine.Choose(blocks[1].Hash);

        Assert.Equal(-38001, CodeOf(await engine.Ask("engine_getPayloadV3", "0x0011223344556677")));
        Assert.Equal(-38002, CodeOf(await engine.Update(blocks[1].Hash, safe: Hash256.FromUInt256(7))));
        Assert.Equal(-38002, CodeOf(await engine.Update(blocks[0].Hash, finalised: blocks[1].Hash)));
        Assert.Equal(-38003, CodeOf(await engine.Update(blocks[1].Hash, EngineChain.Attributes(blocks[1].Header.Timestamp))));
        var old = EngineChain.Attributes(2000);
        old.Remove("parentBeaconBlockRoot");
        Assert.Equal(-38003, CodeOf(await engine.Update(blocks[1].Hash, old)));
        Assert.Equal(-38004, CodeOf(await engine.Ask("engine_getBlobsV1", new JsonArray([.. Enumerable.Repeat(0, 129).Select(_ => (JsonNode)Hash256.Zero.ToString())]))));
        var payload = EnginePayload.Of(blocks[1].Encode(), engine.Other.Chain)!.Parameters;
        Assert.Equal(-38005, CodeOf(await engine.Ask("engine_newPayloadV4", payload[0]!.DeepClone(), payload[1]!.DeepClone(), payload[2]!.DeepClone(), new JsonArray())));
        Assert.Equal(-32602, CodeOf(await engine.Ask("engine_newPayloadV2", payload[0]!.DeepClone())));
        Assert.Equal(-32602, CodeOf(await engine.Ask("engine_newPayloadV3", payload[0]!.DeepClone(), payload[1]!.DeepClone())));
        Assert.Equal(-32601, CodeOf(await engine.Ask("engine_newPayloadV5", payload[0]!.DeepClone())));
        Assert.Equal(blocks[1].Hash, engine.Head);
    }

    [Fact]
    public async Task Reorganisations_stop_at_the_finalised_block()
    {
        await using var engine = new EngineChain();
        var chain = Blocks(engine, 3);
        var side = engine.Other.Extend(engine.Other.Chain.Genesis.Hash, secondsLater: 13);
        foreach (var block in chain) await engine.NewPayload(block);
        await engine.NewPayload(side);
        await engine.Update(chain[2].Hash, safe: chain[1].Hash, finalised: chain[0].Hash);
        Assert.Equal(-38006, CodeOf(await engine.Update(side.Hash)));
        Assert.Equal(chain[2].Hash, engine.Head);
        Assert.Equal(chain[0].Hash, engine.Led.Chain.Head.Finalised.Hash);
    }

    [Fact]
    public async Task A_payload_damaged_anywhere_is_answered_and_never_our_fault()
    {
        await using var engine = new EngineChain();
        var block = engine.Other.Extend(engine.Other.Chain.Genesis.Hash, transactions: engine.Other.Transfer(TestChain.AliceSecret, 0, TestChain.Carol, 5));
        var payload = EnginePayload.Of(block.Encode(), engine.Other.Chain)!;
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = $"engine_newPayloadV{payload.Version}", ["params"] = payload.Parameters }.ToJsonString();
        var begin = request.IndexOf("\"params\"", StringComparison.Ordinal) + "\"params\":[".Length;
        const string Letters = "0123456789abcdefx\"[]{}:,nul -é";
        await Gen.Select(Gen.Int[begin, request.Length - 3], Gen.Int[0, Letters.Length - 1], Gen.Int[0, 3], Gen.Int[1, 40]).SampleAsync(async (at, letter, kind, length) =>
        {
            length = Math.Min(length, request.Length - 2 - at);
            var damaged = kind switch
            {
                0 => request.Remove(at, length),
                1 => request.Insert(at, request.Substring(at, length)),
                _ => request.Remove(at, 1).Insert(at, Letters[letter].ToString()),
            };
            var answer = await engine.Ask(damaged);
            if (damaged == request || answer is not JsonObject) return;
            var isTold = answer["error"]?["message"]?.GetValue<string>() is { Length: > 0 } && CodeOf(answer) != -32603;
            Assert.True(isTold || answer["result"]?["status"] is not null, $"{damaged}\n{answer}");
        }, iter: GenPrimitives.FuzzCases, threads: 1);
        Assert.Equal(engine.Led.Chain.Genesis.Hash, engine.Head);
        Assert.Equal(("VALID", block.Hash), await engine.NewPayload(block));
    }

    /// <summary>Blocks on the genesis, none of them handed in.</summary>
    static List<Block> Blocks(EngineChain engine, int count)
    {
        var blocks = new List<Block>();
        for (var i = 0; i < count; i++)
        {
            var parent = blocks.Count == 0 ? engine.Other.Chain.Genesis.Hash : blocks[^1].Hash;
            blocks.Add(engine.Other.Extend(parent, transactions: engine.Other.Transfer(TestChain.AliceSecret, (ulong)i, TestChain.Carol, 5)));
        }
        return blocks;
    }

    static string? StatusOf(JsonNode answer) => answer["result"]?["payloadStatus"]?["status"]?.GetValue<string>();

    static int? CodeOf(JsonNode answer) => answer["error"]?["code"]?.GetValue<int>();
}
