using System.Reflection;
using Xunit;

namespace Hufu.Tests;

/// <summary>The arrows of docs/architecture.md. An assembly refers to what its code uses, so the compiled references are the drawing.</summary>
public sealed class ArchitectureTests
{
    [Theory]
    [InlineData("Hufu.Primitives", "")]
    [InlineData("Hufu.Crypto", "Hufu.Primitives")]
    [InlineData("Hufu.Evm", "Hufu.Primitives Hufu.Crypto")]
    [InlineData("Hufu.State", "Hufu.Primitives")]
    [InlineData("Hufu.Chain", "Hufu.Primitives Hufu.Crypto Hufu.Evm Hufu.State")]
    [InlineData("Hufu.Consensus", "Hufu.Primitives Hufu.Crypto Hufu.Chain")]
    [InlineData("Hufu.Client", "Hufu.Primitives Hufu.Crypto")]
    [InlineData("Hufu.Services", "Hufu.Primitives Hufu.Crypto Hufu.Client")]
    [InlineData("Hufu.Console", "Hufu.Primitives Hufu.Crypto Hufu.Client Hufu.Services")]
    [InlineData("Hufu.Network", "Hufu.Primitives Hufu.Crypto Hufu.State Hufu.Chain Hufu.Consensus")]
    [InlineData("Hufu.Rpc", "Hufu.Primitives Hufu.Crypto Hufu.Evm Hufu.State Hufu.Chain Hufu.Consensus Hufu.Network")]
    public void A_project_uses_only_what_its_arrows_allow(string project, string allowed)
    {
        var used = Assembly.Load(project).GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => name.StartsWith("Hufu.", StringComparison.Ordinal));

        Assert.Empty(used.Except(allowed.Split(' ')));
    }

    [Fact]
    public void The_machine_opens_no_file_and_no_socket()
    {
        var forbidden = new[] { "System.Net", "System.IO.FileSystem", "RocksDbSharp", "Microsoft.AspNetCore" };

        var used = Assembly.Load("Hufu.Evm").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.DoesNotContain(used, name => forbidden.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
    }
}
