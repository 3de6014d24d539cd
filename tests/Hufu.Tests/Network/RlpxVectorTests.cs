using System.Text.Json;
using Hufu.Crypto;
using Hufu.Network;
using Xunit;

namespace Hufu.Tests;

/// <summary>The packets of EIP-8, as they were published.</summary>
public sealed class RlpxVectorTests
{
    [Fact]
    public void Bob_reads_the_auth_packets_of_EIP_8()
    {
        var vectors = Vectors.Load();
        foreach (var name in new[] { "Auth₂", "Auth₃" })
        {
            var bob = new RlpxHandshake(vectors.Key("Static Key B"), vectors.Key("Ephemeral Key B"), vectors.Bytes("Nonce B"));

            Assert.True(bob.TryReadAuth(vectors.Packet(name), out var remote, out var ephemeral, out var nonce), name);

            Assert.Equal(vectors.Key("Static Key A").Id, remote);
            Assert.Equal(vectors.Key("Ephemeral Key A").Id, ephemeral);
            Assert.Equal(vectors.Bytes("Nonce A"), nonce);
        }
    }

    [Fact]
    public void Alice_finishes_with_the_ack_packets_of_EIP_8()
    {
        var vectors = Vectors.Load();
        foreach (var name in new[] { "Ack₂", "Ack₃" })
        {
            var alice = new RlpxHandshake(vectors.Key("Static Key A"), vectors.Key("Ephemeral Key A"), vectors.Bytes("Nonce A"));

            Assert.True(alice.TryFinish(vectors.Packet("Auth₂"), vectors.Packet(name), out _), name);
        }
    }

    [Fact]
    public void The_secrets_are_those_of_EIP_8()
    {
        var vectors = Vectors.Load();
        var bob = new RlpxHandshake(vectors.Key("Static Key B"), vectors.Key("Ephemeral Key B"), vectors.Bytes("Nonce B"));

        var secrets = bob.Agree(vectors.Key("Ephemeral Key A").Id, vectors.Bytes("Nonce A"), vectors.Bytes("Nonce B"),
            sent: vectors.Packet("Ack₂"), received: vectors.Packet("Auth₂"), isInitiator: false)!;

        Assert.Equal(vectors.Derived("aes-secret"), Convert.ToHexStringLower(secrets.AesSecret));
        Assert.Equal(vectors.Derived("mac-secret"), Convert.ToHexStringLower(secrets.MacSecret));
        secrets.IngressMac.Update("foo"u8);
        var digest = new byte[32];
        secrets.IngressMac.Digest(digest);
        Assert.Equal(vectors.Derived("ingress-mac(\"foo\")"), Convert.ToHexStringLower(digest));
    }

    [Fact]
    public void A_hello_of_a_later_version_with_more_items_is_read()
    {
        var packet = Vectors.Load().Packet("devp2p hello");

        var hello = Hello.Read(packet);

        Assert.NotNull(hello);
        Assert.Equal(55UL, hello.ProtocolVersion);   // the packet says 55, its description 22
        Assert.Equal("kneth/v0.91/plan9", hello.ClientId);
        Assert.Equal([("eth", 61), ("mork", 22)], hello.Capabilities);
        Assert.Equal(9999UL, hello.ListenPort);
    }

    [Fact]
    public void Any_changed_byte_of_an_auth_packet_is_refused()
    {
        var vectors = Vectors.Load();
        var packet = vectors.Packet("Auth₂");
        var bob = new RlpxHandshake(vectors.Key("Static Key B"));
        for (var i = 0; i < packet.Length; i += 7)
        {
            var changed = (byte[])packet.Clone();
            changed[i] ^= 0x10;
            Assert.False(bob.TryReadAuth(changed, out _, out _, out _), $"byte {i}");
        }
    }

    sealed class Vectors
    {
        readonly JsonElement _root;

        Vectors(JsonElement root) => _root = root;

        public static Vectors Load() => new(JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("p2p/eip-8.json"))).RootElement);

        public byte[] Bytes(string name) => Convert.FromHexString(_root.GetProperty("handshakeValues").GetProperty(name).GetString()!);

        public NodeKey Key(string name)
        {
            var secret = Bytes(name);
            Assert.True(Secp256k1.IsValidSecret(secret));
            return new NodeKey(secret);
        }

        public string Derived(string name) => _root.GetProperty("derivedByB_Auth2_Ack2").GetProperty(name).GetString()!;

        public byte[] Packet(string name) => Convert.FromHexString(
            _root.GetProperty("vectors").EnumerateArray().First(vector => vector.GetProperty("description").GetString()!.Contains(name)).GetProperty("hex").GetString()!);
    }
}
