using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.ServiceTests;

/// <summary>The people of a test: accounts with names and secrets that are nobody's.</summary>
static class Cast
{
    public static Signer Person(string name) => Signer.FromSecret(Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(name)).Bytes);

    public static readonly Signer Admin = Person("admin"), Alice = Person("alice"), Bob = Person("bob"), Carol = Person("carol"), Mallory = Person("mallory");

    /// <summary>A reference, a salt, a document: 32 bytes by a name.</summary>
    public static byte[] Word(string text) => Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(text)).ToArray();
}

/// <summary>The one permission table, and what tests do with it.</summary>
sealed class Permissions(ContractWorld world)
{
    readonly DeployedContract _access = world.Deploy(Cast.Admin.Address, "src/Platform/Services/Access/artifacts/Access", Cast.Admin.Address);

    public Address Address => _access.Address;

    /// <summary>Lets an account (and nobody else but others let so) call some functions of a contract.</summary>
    public void Allow(ulong role, DeployedContract target, Address account, params string[] functions)
    {
        var selectors = target.Abi.Functions.Where(one => functions.Contains(one.Name)).Select(one => (object)BitConverter.GetBytes(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(one.Selector))).ToArray();
        if (selectors.Length < functions.Length) throw new ArgumentException("a function of that name is not there");
        _access.Do(Cast.Admin.Address, "setTargetFunctionRole", target.Address, selectors, (UInt256)role);
        _access.Do(Cast.Admin.Address, "grantRole", (UInt256)role, account, UInt256.Zero);
    }
}
