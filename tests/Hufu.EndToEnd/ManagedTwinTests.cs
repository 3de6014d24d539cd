using Xunit;

namespace Hufu.EndToEnd;

/// <summary>The program as it runs where no native library of signatures and no vector instructions are: Windows, macOS, ARM and old processors take these paths.</summary>
public sealed class ManagedTwinTests
{
    static readonly (string, string)[] WithoutLibraries = [("HUFU_MANAGED_CRYPTO", "1")];
    static readonly (string, string)[] WithNothing = [("HUFU_MANAGED_CRYPTO", "1"), ("DOTNET_EnableHWIntrinsic", "0")];

    [Fact]
    public async Task Doctor_tells_that_the_managed_twins_are_at_work()
    {
        using var data = new TemporaryFolder();
        var (_, output, error) = await HufuProcess.Run(WithoutLibraries, ["doctor", "--data", data.Path]);
        Assert.Contains("managed", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain("native libsecp256k1", output + error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("statetest", "eest/state_tests.zip", 60)]
    [InlineData("statetest", "legacy/constantinople_state.zip", 200)]
    [InlineData("blocktest", "eest/blockchain_osaka.zip", 60)]
    public async Task The_official_fixtures_pass_without_native_libraries_and_vector_instructions(string command, string archive, int share)
    {
        var path = SharedFolder.Fixture(archive);
        foreach (var environment in new[] { WithoutLibraries, WithNothing })
        {
            var (exitCode, output, error) = await HufuProcess.Run(environment, ["evm", command, path, "--share", share.ToString()]);
            Assert.True(exitCode == 0, output + error);
            Assert.Matches("[1-9][0-9]* passed, 0 failed, 0 skipped", output);
        }
    }
}
