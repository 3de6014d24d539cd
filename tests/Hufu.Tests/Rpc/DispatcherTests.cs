using System.Text;
using System.Text.Json;
using CsCheck;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public class DispatcherTests
{
    static readonly MethodTable Methods = new MethodTable()
        .Add("echo_number", static (ref Parameters parameters, Answer answer) =>
        {
            var number = parameters.UInt64();
            if (parameters.Failed) return parameters.Error;
            answer.Result.WriteNumberValue(number);
            return null;
        })
        .Add("half_done", static (ref Parameters _, Answer answer) =>
        {
            answer.Result.WriteStartArray();
            return RpcError.Server("changed its mind");
        })
        .Add("broken", static (ref Parameters _, Answer _) => throw new InvalidOperationException("a fault of ours"));

    static async Task<string> Ask(string request, DispatchLimits? limits = null)
    {
        using var answer = await new Dispatcher(Methods, limits ?? new DispatchLimits()).AnswerAsync(Encoding.UTF8.GetBytes(request));
        return Encoding.UTF8.GetString(answer.Written.Span);
    }

    [Theory]
    [InlineData("hello", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo_number\",\"params\":[\"\\ud83d\"]}", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo_number\",\"params\":[\"\\udc00\"]}", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo_number\",\"params\":[\"\\ud83d\\ude00\"]}", -32602)]
    [InlineData("", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo_number\"", -32700)]
    [InlineData("42", -32600)]
    [InlineData("[]", -32600)]
    [InlineData("{\"id\":1,\"method\":\"echo_number\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"echo_number\",\"params\":[1]}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no_such\"}", -32601)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo_number\"}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo_number\",\"params\":{}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"broken\"}", -32603)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"half_done\"}", -32000)]
    public async Task A_bad_request_is_answered_with_the_code_of_its_fault(string request, int code)
    {
        using var answer = JsonDocument.Parse(await Ask(request));
        Assert.Equal(code, answer.RootElement.GetProperty("error").GetProperty("code").GetInt32());
        Assert.False(answer.RootElement.TryGetProperty("result", out _));
    }

    [Fact]
    public async Task A_batch_is_answered_in_order_and_notifications_are_not() =>
        Assert.Equal(
            "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":10},{\"jsonrpc\":\"2.0\",\"id\":\"b\",\"result\":255}]",
            await Ask("""
                [{"jsonrpc":"2.0","id":1,"method":"echo_number","params":[10]},
                 {"jsonrpc":"2.0","method":"echo_number","params":[11]},
                 {"jsonrpc":"2.0","id":"b","method":"echo_number","params":["0xff"]}]
                """));

    [Fact]
    public async Task Notifications_alone_are_not_answered() =>
        Assert.Equal("", await Ask("[{\"jsonrpc\":\"2.0\",\"method\":\"echo_number\",\"params\":[1]}]"));

    [Fact]
    public async Task A_batch_beyond_the_limit_is_refused_whole() =>
        Assert.Contains("batch too large", await Ask("[1,2,3]", new DispatchLimits { MaxBatch = 2 }), StringComparison.Ordinal);

    [Fact]
    public void Any_bytes_get_an_answer_that_is_JSON() =>
        Gen.OneOf(Gen.Byte.Array[0, 80], Gen.Char["{}[]\",:0x12idmethodparamsjsonrpc. "].Array[0, 80].Select(text => Encoding.UTF8.GetBytes(text))).Sample(bytes =>
        {
            using var answer = new Dispatcher(Methods, new DispatchLimits()).AnswerAsync(bytes).AsTask().Result;
            if (!answer.IsEmpty) JsonDocument.Parse(answer.Written).Dispose();
        }, iter: 5_000);
}
