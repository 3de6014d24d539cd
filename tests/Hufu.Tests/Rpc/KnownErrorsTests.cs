using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class KnownErrorsTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("hufu-errors-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    [Fact]
    public void A_custom_error_is_told_by_its_name_and_values()
    {
        File.WriteAllText(Path.Combine(_folder, "Lab.json"), """{"abi":[{"type":"error","name":"Refused","inputs":[{"type":"address","name":"who"},{"type":"uint256","name":"wanted"}]},{"type":"function","name":"f"}]}""");
        File.WriteAllText(Path.Combine(_folder, "broken.json"), "{");
        var errors = new KnownErrors(_folder, TimeProvider.System);
        Assert.Equal(1, errors.Count);
        var selector = Keccak256.Hash("Refused(address,uint256)"u8).Bytes[..4];
        byte[] revert = [.. selector, .. Bytes("000000000000000000000000f39fd6e51aad88f6f4ce6ab8827279cfffb92266"), .. Bytes("0000000000000000000000000000000000000000000000000000000000000005")];
        Assert.Equal("Refused(0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, 5)", errors.Describe(revert));
        Assert.Equal("Refused(…, …)", errors.Describe(revert.AsSpan(0, 4)));
        Assert.Null(errors.Describe([1, 2, 3]));
        Assert.Null(errors.Describe([1, 2, 3, 4]));
    }
}
