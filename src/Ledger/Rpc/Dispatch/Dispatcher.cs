using System.Diagnostics;
using System.Text.Json;
using Hufu.Chain;

namespace Hufu.Rpc;

/// <summary>What one request may cost.</summary>
public sealed record DispatchLimits
{
    public int MaxBatch { get; init; } = 1000;
    public int MaxResponseBytes { get; init; } = 128 << 20;

    /// <summary>Calls of a batch that have not begun by then are answered with an error, and long searches stop.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Takes a request body apart, runs its calls in order, and writes the response (JSON-RPC 2.0). Any bytes may come in; no input throws.</summary>
/// <param name="reportFault">Hears of exceptions, which are faults of the node and never the caller's.</param>
public sealed class Dispatcher(MethodTable methods, DispatchLimits limits, Action<Exception>? reportFault = null)
{
    readonly Caller _anyone = new(methods);
    readonly QuickCalls _quick = new();

    public MethodTable Methods => methods;

    /// <summary>Answers whoever may call all methods.</summary>
    public ValueTask<Answer> AnswerAsync(ReadOnlyMemory<byte> body) => AnswerAsync(body, _anyone);

    /// <summary>Answers a request; who asked disposes the answer. An empty answer means that nothing is to be sent back.</summary>
    /// <param name="isHearing">Whether the thread that asks has other connections to hear: what takes long then goes to the thread pool.</param>
    public ValueTask<Answer> AnswerAsync(ReadOnlyMemory<byte> body, Caller caller, bool isHearing = false)
    {
        var answer = new Answer(caller, limits.MaxResponseBytes, limits.TimeLimit);
        RequestEnvelope single;
        List<RequestEnvelope>? batch;
        try
        {
            single = ReadBody(body.Span, caller, out batch);
        }
        catch (JsonException)
        {
            return new(AnswerError(answer, RpcError.NotJson));
        }
        if (!UnicodeText.IsSound(body.Span)) return new(AnswerError(answer, RpcError.NotJson));
        if (batch?.Count == 0) return new(AnswerError(answer, RpcError.InvalidRequest("the batch is empty")));
        if (batch?.Count > limits.MaxBatch) return new(AnswerError(answer, RpcError.InvalidRequest($"batch too large: at most {limits.MaxBatch} calls in one batch")));
        if (caller.Rate?.TryTake(batch?.Count ?? 1) == false)
        {
            answer.IsRateExceeded = true;
            return new(AnswerError(answer, RpcError.RateExceeded, batch is null ? body.Span[single.Id] : default));
        }
        if (!isHearing) return batch is null ? AnswerSingleAsync(body, single, answer) : AnswerBatchAsync(body, batch, answer);
        if (batch is not null || !_quick.Allows(single)) return AnswerElsewhereAsync(body, single, batch, answer);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            return AnswerSingleAsync(body, single, answer);
        }
        finally
        {
            _quick.Took(begun, single);
        }
    }

    async ValueTask<Answer> AnswerElsewhereAsync(ReadOnlyMemory<byte> body, RequestEnvelope single, List<RequestEnvelope>? batch, Answer answer)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (batch is not null) return await AnswerBatchAsync(body, batch, answer).ConfigureAwait(false);
        return await AnswerSingleAsync(body, single, answer).ConfigureAwait(false);
    }

    RequestEnvelope ReadBody(ReadOnlySpan<byte> body, Caller caller, out List<RequestEnvelope>? batch)
    {
        batch = null;
        var reader = new Utf8JsonReader(body);
        reader.Read();
        RequestEnvelope single = default;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            batch = [];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                // The rest of an oversized batch is still read, since only then the body is known to be JSON.
                var envelope = RequestEnvelope.Read(ref reader, caller);
                if (batch.Count <= limits.MaxBatch) batch.Add(envelope);
            }
        }
        else single = RequestEnvelope.Read(ref reader, caller);
        while (reader.Read()) { }
        return single;
    }

    ValueTask<Answer> AnswerSingleAsync(ReadOnlyMemory<byte> body, in RequestEnvelope call, Answer answer)
    {
        answer.Begin(body.Span[call.Id]);
        var running = RunAsync(body, call, answer);
        if (!running.IsCompletedSuccessfully) return Awaited(running, call.IsNotification, answer);
        Finish(answer, running.Result, 0, call.IsNotification);
        return new(answer);

        static async ValueTask<Answer> Awaited(ValueTask<RpcError?> running, bool isNotification, Answer answer)
        {
            Finish(answer, await running.ConfigureAwait(false), 0, isNotification);
            return answer;
        }
    }

    async ValueTask<Answer> AnswerBatchAsync(ReadOnlyMemory<byte> body, List<RequestEnvelope> batch, Answer answer)
    {
        answer.Write("["u8);
        for (var at = 0; at < batch.Count;)
        {
            var call = batch[at];
            var alike = call is { Error: null, Method.Grouped: not null } ? CountAlike(batch, at) : 1;
            if (alike > 1)
            {
                var outcomes = await RunGroupAsync(body, batch.GetRange(at, alike)).ConfigureAwait(false);
                for (var i = 0; i < alike; i++)
                {
                    var start = StartNext(answer, body.Span[batch[at + i].Id]);
                    if (outcomes[i].Error is null) answer.Result.WriteData(outcomes[i].Hash.Bytes);
                    Finish(answer, outcomes[i].Error, start, batch[at + i].IsNotification);
                }
            }
            else
            {
                var start = StartNext(answer, body.Span[call.Id]);
                var error = answer.IsOverdue ? RpcError.TimedOut
                    : start > limits.MaxResponseBytes ? RpcError.ResponseTooLarge
                    : await RunAsync(body, call, answer).ConfigureAwait(false);
                Finish(answer, error, start, call.IsNotification);
            }
            at += alike;
        }
        if (answer.Length == 1) answer.TakeBackTo(0);
        else answer.Write("]"u8);
        return answer;
    }

    static int StartNext(Answer answer, ReadOnlySpan<byte> id)
    {
        var start = answer.Length;
        if (start > 1) answer.Write(","u8);
        answer.Begin(id);
        return start;
    }

    static int CountAlike(List<RequestEnvelope> batch, int from)
    {
        var to = from;
        while (to < batch.Count && batch[to].Error is null && ReferenceEquals(batch[to].Method, batch[from].Method)) to++;
        return to - from;
    }

    ValueTask<RpcError?> RunAsync(ReadOnlyMemory<byte> body, in RequestEnvelope call, Answer answer)
    {
        if (call.Error is { } error) return new(error);
        try
        {
            var parameters = new Parameters(body.Span[call.Parameters]);
            if (call.Method!.Plain is { } plain) return new(parameters.Failed ? parameters.Error : plain(ref parameters, answer));
            if (call.Method.Waiting is { } waiting) return parameters.Failed ? new(parameters.Error) : Guarded(waiting(ref parameters, answer));
            return RunOneOfGroup(call.Method.Grouped!, body[call.Parameters], answer);
        }
        catch (AnswerTooLargeException)
        {
            return new(RpcError.ResponseTooLarge);
        }
        catch (OriginUnavailable away)
        {
            return new(RpcError.Server(away.Message));
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            reportFault?.Invoke(fault);
            return new(RpcError.Internal);
        }
    }

    async ValueTask<RpcError?> Guarded(ValueTask<RpcError?> running)
    {
        try
        {
            return await running.ConfigureAwait(false);
        }
        catch (AnswerTooLargeException)
        {
            return RpcError.ResponseTooLarge;
        }
        catch (OriginUnavailable away)
        {
            return RpcError.Server(away.Message);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            reportFault?.Invoke(fault);
            return RpcError.Internal;
        }
    }

    async ValueTask<RpcError?> RunOneOfGroup(GroupedMethod method, ReadOnlyMemory<byte> parameters, Answer answer)
    {
        var outcome = (await RunGroupAsync(method, [parameters]).ConfigureAwait(false))[0];
        if (outcome.Error is null) answer.Result.WriteData(outcome.Hash.Bytes);
        return outcome.Error;
    }

    ValueTask<HashOrError[]> RunGroupAsync(ReadOnlyMemory<byte> body, List<RequestEnvelope> calls) =>
        RunGroupAsync(calls[0].Method!.Grouped!, calls.ConvertAll(call => body[call.Parameters]));

    async ValueTask<HashOrError[]> RunGroupAsync(GroupedMethod method, List<ReadOnlyMemory<byte>> parameters)
    {
        try
        {
            return await method(parameters).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            reportFault?.Invoke(fault);
            return [.. Enumerable.Repeat(new HashOrError(default, RpcError.Internal), parameters.Count)];
        }
    }

    static void Finish(Answer answer, RpcError? error, int start, bool isNotification)
    {
        if (isNotification) answer.TakeBackTo(start);
        else answer.End(error);
    }

    static Answer AnswerError(Answer answer, RpcError error, ReadOnlySpan<byte> id = default)
    {
        answer.Begin(id);
        answer.End(error);
        return answer;
    }
}
