using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>The error member of an answer. Codes are those of JSON-RPC 2.0, EIP-1474 and execution-apis; messages open with the words wallets match on.</summary>
/// <param name="Data">Raw bytes for the data member (a revert's reason); null for none.</param>
public sealed record RpcError(int Code, string Message, ReadOnlyMemory<byte>? Data = null)
{
    public const int ParseErrorCode = -32700;
    public const int InvalidRequestCode = -32600;
    public const int MethodNotFoundCode = -32601;
    public const int InvalidParamsCode = -32602;
    public const int InternalErrorCode = -32603;
    public const int ServerErrorCode = -32000;
    public const int ResourceNotFoundCode = -32001;
    public const int TransactionRejectedCode = -32003;
    public const int MethodNotSupportedCode = -32004;
    public const int LimitExceededCode = -32005;

    /// <summary>A call or estimate that reverted, with the bytes it reverted with.</summary>
    public const int RevertedCode = 3;

    // eth_simulateV1 has codes of its own.
    public const int VmErrorCode = -32015;
    public const int TimeoutCode = -32016;
    public const int NonceTooLowCode = -38010;
    public const int NonceTooHighCode = -38011;
    public const int FeeCapTooLowCode = -38012;
    public const int IntrinsicGasCode = -38013;
    public const int InsufficientFundsCode = -38014;
    public const int BlockGasLimitReachedCode = -38015;
    public const int BlockNumberOrderCode = -38020;
    public const int BlockTimestampOrderCode = -38021;
    public const int PrecompileMovedToItselfCode = -38022;
    public const int PrecompilesMovedToOneCode = -38023;
    public const int InitCodeTooLargeCode = -38025;
    public const int ClientLimitExceededCode = -38026;

    public static readonly RpcError NotJson = new(ParseErrorCode, "parse error: the body is not JSON");
    public static readonly RpcError Internal = new(InternalErrorCode, "internal error: this is a fault of the node; its log tells more");
    public static readonly RpcError ResponseTooLarge = new(LimitExceededCode, "response too large: ask for less in one request");
    public static readonly RpcError TimedOut = new(LimitExceededCode, "request timed out: ask for less in one request");

    public static readonly RpcError RateExceeded = new(LimitExceededCode, "rate limit exceeded: this key may not call so often; wait a second, or ask the node's operator for more");

    public static RpcError InvalidRequest(string why) => new(InvalidRequestCode, $"invalid request: {why}");
    public static RpcError MethodNotFound(string method) => new(MethodNotFoundCode, $"the method {method} does not exist/is not available");
    public static RpcError ModuleNotOffered(string method) => new(MethodNotFoundCode,
        $"the method {method} does not exist/is not available: the module {RpcModules.Of(method)} is not offered to you here (--rpc-modules, or the modules of your key)");
    public static RpcError InvalidParams(string why) => new(InvalidParamsCode, why);
    public static RpcError Server(string why) => new(ServerErrorCode, why);
    public static RpcError NotFound(string what) => new(ResourceNotFoundCode, what);

    /// <summary>What a transaction refused by the pool answers: one line that opens with the refusal's first words.</summary>
    public static RpcError Of(Refusal refusal) => new(ServerErrorCode, refusal.ToString());
}
