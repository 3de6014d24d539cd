using System.Net;
using Hufu.Crypto;
using Hufu.Network;
using Xunit;

namespace Hufu.Tests;

/// <summary>The vectors of devp2p's discv5-wire-test-vectors.md.</summary>
public sealed class Discv5VectorTests
{
    const string Challenge = "000000000000000000000000000000006469736376350001010102030405060708090a0b0c00180102030405060708090a0b0c0d0e0f100000000000000000";

    static readonly NodeKey A = new(Convert.FromHexString("eef77acb6c6a6eebc5b363a475ac583ec7eccdb42b6481424c60f59aa326547f"));
    static readonly NodeKey B = new(Convert.FromHexString("66fb62bfbd66b9177a138c1e5cddbe4f7c30c343e94e68df8769459cb1cde628"));
    static readonly byte[] Secret = Convert.FromHexString("fb757dc581730490a1d7a00deea65e9b1936924caaea8f44d476014856b68736");

    [Fact]
    public void Two_keys_agree_on_a_point()
    {
        Assert.True(NodeId.TryDecompress(Convert.FromHexString("039961e4c2356d61bedb83052c115d311acb3a96f5777296dcf297351130266231"), out var other));
        Span<byte> shared = stackalloc byte[33], managed = stackalloc byte[33];
        Assert.True(Secp256k1.TryAgreePoint(Secret, other.Bytes, shared));
        Assert.True(BouncyCastleSecp256k1.TryAgreePoint(Secret, other.Bytes, managed));

        Assert.Equal("033b11a2a1f214567e1537ce5e509ffd9b21373247f2a3ff6841f4976f53165e7e", Convert.ToHexStringLower(shared));
        Assert.Equal(Convert.ToHexStringLower(shared), Convert.ToHexStringLower(managed));
    }

    [Fact]
    public void The_keys_of_a_session_are_derived()
    {
        Assert.True(NodeId.TryDecompress(Convert.FromHexString("0317931e6e0840220642f230037d285d122bc59063221ef3226b1f403ddc69ca91"), out var to));

        var keys = Discv5Session.Derive(new NodeKey(Secret), to, A.Id.Hash, B.Id.Hash, Convert.FromHexString(Challenge))!.Value;

        Assert.Equal("dccc82d81bd610f4f76d3ebe97a40571", Convert.ToHexStringLower(keys.Initiator));
        Assert.Equal("ac74bb8773749920b0d3a8881c173ec5", Convert.ToHexStringLower(keys.Recipient));
    }

    [Fact]
    public void The_proof_of_identity_is_signed()
    {
        var ephemeral = Convert.FromHexString("039961e4c2356d61bedb83052c115d311acb3a96f5777296dcf297351130266231");
        Span<byte> signature = stackalloc byte[65];

        new NodeKey(Secret).Sign(Discv5Session.ProofHash(Convert.FromHexString(Challenge), ephemeral, B.Id.Hash), signature);

        Assert.Equal("94852a1e2318c4e5e9d422c98eaf19d1d90d876b29cd06ca7cb7546d0fff7b484fe86c09a064fe72bdbef73ba8e9c34df0cd2b53e9d65528c2c7f336d5dfc6e6", Convert.ToHexStringLower(signature[..64]));
    }

    [Theory]
    [InlineData("v5.1-ping-message", Discv5Flag.Message)]
    [InlineData("v5.1-ping-handshake", Discv5Flag.Handshake)]
    [InlineData("v5.1-ping-handshake-enr", Discv5Flag.Handshake)]
    public void The_ping_packets_are_read(string name, object flag)
    {
        var (stated, bytes) = Vector(name);

        Assert.True(Discv5Packet.TryUnmask(bytes, B.Id.Hash, out var packet));
        var plain = packet.Decrypt(Convert.FromHexString(stated["read-key"]));

        Assert.Equal(flag, packet.Flag);
        Assert.Equal(A.Id.Hash, packet.Source);
        Assert.Equal(new Discv5Message.Ping(new RequestId(1, 4), ulong.Parse(stated["ping.enr-seq"])), Discv5Message.Decode(plain));
        Assert.False(Discv5Packet.TryUnmask(bytes, A.Id.Hash, out _), "a packet to another node");
        if (packet.Flag != Discv5Flag.Handshake) return;

        var challenge = Convert.FromHexString(stated["whoareyou.challenge-data"]);
        Assert.Equal(stated["ephemeral-pubkey"], Convert.ToHexStringLower(packet.EphemeralKey));
        Assert.True(Secp256k1.Verify(Discv5Session.ProofHash(challenge, packet.EphemeralKey, B.Id.Hash), packet.Signature, A.Id.Bytes));
        Assert.True(NodeId.TryDecompress(packet.EphemeralKey, out var ephemeral));
        Assert.Equal(stated["read-key"], Convert.ToHexStringLower(Discv5Session.Derive(B, ephemeral, A.Id.Hash, B.Id.Hash, challenge)!.Value.Initiator));
        Assert.Equal(name.EndsWith("enr"), NodeRecord.TryDecode(packet.Record, out var record) && record.Id.Equals(A.Id));
    }

    [Fact]
    public void The_question_who_are_you_is_read()
    {
        var (stated, bytes) = Vector("v5.1-whoareyou");

        Assert.True(Discv5Packet.TryUnmask(bytes, B.Id.Hash, out var packet));

        Assert.Equal(Discv5Flag.WhoAreYou, packet.Flag);
        Assert.Equal(stated["whoareyou.challenge-data"], Convert.ToHexStringLower(packet.Head));
        Assert.Equal(stated["whoareyou.request-nonce"], Convert.ToHexStringLower(packet.Nonce));
        Assert.Equal(0UL, packet.RecordSequence);
    }

    [Theory]
    [InlineData("01c20101")]
    [InlineData("02ca0101847f000001821388")]
    [InlineData("03c501c3820100")]
    [InlineData("04f8f80102b8f4f8f2b877f875b8401ce2991c64993d7c84c29a00bdc871917551c7d330fca2dd0d69c706596dc655448f030b98a77d4001fd46ae0112ce26d613c5a6a02a81a6223cd0c4edaa53280182696482763489736563703235366b31a103ca634cae0d49acb401d8a4c6b6fe8c55b70d115bf400769cc1400f3258cd3138b877f875b840d7f1c39e376297f81d7297758c64cb37dcc5c3beea9f57f7ce9695d7d5a67553417d719539d6ae4b445946de4d99e680eb8063f29485b555d45b7df16a1850130182696482763489736563703235366b31a1030e2cb74241c0c4fc8e8166f1a79a05d5b0dd95813a74b094529f317d5c39d235", false)]
    public void Messages_are_written_as_others_write_them(string hex, bool isOfThisVersion = true)
    {
        var message = Discv5Message.Decode(Convert.FromHexString(hex));

        // The last is of the version before, which had the list of records inside a string: no message any more.
        Assert.Equal(isOfThisVersion, message is not null);
        if (message is not null) Assert.Equal(hex, Convert.ToHexStringLower(message.Encode()));
    }

    [Fact]
    public void A_pong_names_where_the_ping_came_from() =>
        Assert.Equal(new Discv5Message.Pong(new RequestId(1, 1), 1, new IPEndPoint(IPAddress.Loopback, 5000)), Discv5Message.Decode(Convert.FromHexString("02ca0101847f000001821388")));

    static (Dictionary<string, string> Stated, byte[] Packet) Vector(string name)
    {
        var lines = File.ReadAllLines(SharedFolder.Fixture($"p2p/discv5/{name}.txt"));
        var stated = lines.Where(line => line.StartsWith('#') && line.Contains('=')).Select(line => line.TrimStart('#').Split('=', StringSplitOptions.TrimEntries)).ToDictionary(pair => pair[0], pair => pair[1].Replace("0x", ""));
        return (stated, Convert.FromHexString(string.Concat(lines.Where(line => !line.StartsWith('#')).Select(line => line.Trim()))));
    }
}
