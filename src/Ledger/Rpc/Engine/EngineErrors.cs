namespace Hufu.Rpc;

/// <summary>The Engine API's own error codes (execution-apis, engine/common, "Errors").</summary>
static class EngineErrors
{
    public const int UnknownPayloadCode = -38001;
    public const int InvalidForkchoiceStateCode = -38002;
    public const int InvalidPayloadAttributesCode = -38003;
    public const int TooLargeRequestCode = -38004;
    public const int UnsupportedForkCode = -38005;
    public const int TooDeepReorgCode = -38006;

    public static readonly RpcError UnknownPayload = new(UnknownPayloadCode, "Unknown payload: no block is being built under this id");

    public static RpcError InvalidForkchoiceState(string? why) => new(InvalidForkchoiceStateCode, $"Invalid forkchoice state: {why}");
    public static RpcError InvalidPayloadAttributes(string? why) => new(InvalidPayloadAttributesCode, $"Invalid payload attributes: {why}");
    public static RpcError TooLargeRequest(int most) => new(TooLargeRequestCode, $"Too large request: at most {most} at once");
    public static RpcError UnsupportedFork(string why) => new(UnsupportedForkCode, $"Unsupported fork: {why}");
    public static RpcError TooDeepReorg(string? why) => new(TooDeepReorgCode, $"Too deep reorg: {why}");
}
