using Hufu.Client;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Client;

public sealed class SigningTests
{
    // The example of the EIP itself.
    const string Mail = """
        {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
        "Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"}],"Mail":[{"name":"from","type":"Person"},{"name":"to","type":"Person"},{"name":"contents","type":"string"}]},
        "primaryType":"Mail","domain":{"name":"Ether Mail","version":"1","chainId":1,"verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message":{"from":{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},"to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},"contents":"Hello, Bob!"}}
        """;

    [Fact]
    public void The_mail_of_EIP_712_is_signed_as_the_EIP_signs_it()
    {
        Assert.True(TypedData.TryParse(Mail, out var mail, out var refusal), refusal?.ToString());
        Assert.Equal("0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2", mail.Digest.ToString());

        var cow = Signer.FromSecret(Keccak256.Hash("cow"u8).Bytes);
        var signature = cow.Sign(mail);
        Assert.Equal(28, signature.V);
        Assert.Equal("0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d", signature.R.ToString());
        Assert.True(signature.TryRecover(mail.Digest, out var signer));
        Assert.Equal(Address.Parse("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"), signer);
    }

    [Fact]
    public void A_domain_in_words_has_the_separator_of_the_same_domain_in_JSON()
    {
        Assert.True(TypedData.TryParse(Mail, out var mail, out _));

        Assert.Equal(mail.DomainSeparator, new TypedDataDomain("Ether Mail", "1", 1, Address.Parse("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")).Separator);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"types":{"A":[{"name":"a","type":"A[]"}]},"primaryType":"B","domain":{},"message":{}}""")]
    [InlineData("""{"types":{"A":[{"name":"a","type":"uint8"}]},"primaryType":"A","domain":{},"message":{"a":256}}""")]
    [InlineData("""{"types":{"A":[{"name":"a","type":"uint8[2]"}]},"primaryType":"A","domain":{},"message":{"a":[1]}}""")]
    [InlineData("""{"types":{"A":[{"name":"a","type":"unknown"}]},"primaryType":"A","domain":{},"message":{"a":1}}""")]
    public void Typed_data_that_is_none_is_refused(string json) => Assert.False(TypedData.TryParse(json, out _, out _));

    [Fact]
    public void A_signed_text_names_its_signer_and_a_changed_one_another()
    {
        var signer = Signer.New();
        var signature = signer.SignMessage("三百元，今天付");

        Assert.True(Signature.TryRead(signature.ToBytes(), out var read));
        Assert.True(read.TryRecover(Signature.MessageDigest("三百元，今天付"u8), out var who));
        Assert.Equal(signer.Address, who);
        Assert.True(!read.TryRecover(Signature.MessageDigest("四百元，今天付"u8), out who) || who != signer.Address);
    }

    [Fact]
    public void A_keystore_and_the_words_of_a_wallet_open_the_same_accounts_as_everywhere()
    {
        Assert.True(Mnemonic.TryParse("test test test test test test test test test test test junk", out var words, out _));
        var signer = Signer.FromMnemonic(words, 1);
        Assert.Equal("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", signer.ToString());

        Assert.True(Signer.TryFromKeystore(signer.ToKeystore("a long password", Keystore.LightCost), "a long password", out var again, out _));
        Assert.Equal(signer.Address, again.Address);
        Assert.False(Signer.TryFromKeystore(signer.ToKeystore("a long password", Keystore.LightCost), "another", out _, out _));
    }
}
