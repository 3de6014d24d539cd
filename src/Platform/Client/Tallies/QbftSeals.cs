using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>
/// From the validators in a genesis block to those that sealed another, without the blocks between. A header is believed about the validators it names
/// when a quorum of them sealed it, and so many of those trusted before that one at least was honest: more than a third. (QBFT: of N validators at most (N-1)/3 are faulty.)
/// </summary>
static class QbftSeals
{
    public static bool TryCheck(QbftFinality evidence, Header header, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = null;
        if (ValidatorsOf(evidence.Genesis) is not { } trusted)
        {
            refusal = Refused("the genesis block names no validators", "its extra data holds no list of them: a contract may name them, whose word is not evidence here");
            return false;
        }
        var before = 0UL;
        foreach (var next in evidence.Steps.Append(header))
        {
            // A tally of the genesis block itself would need no seals, and has none.
            if (next.Number <= before) refusal = Refused("the sealed headers are not in order", $"block {next.Number} stands behind block {before}");
            else if (TryFollow(trusted, next, out var named, out refusal)) (trusted, before) = (named, next.Number);
            if (refusal is not null) return false;
        }
        return true;
    }

    /// <summary>The validators that a header names; null where it names none.</summary>
    public static IReadOnlyList<Address>? ValidatorsOf(Header header) =>
        header.PrevRandao == QbftExtraData.MixHash && QbftExtraData.TryDecode(header.ExtraData, out var extra) && extra.Validators.Count > 0 && IsAscending(extra.Validators) ? extra.Validators : null;

    /// <summary>Whether a header is sealed by a quorum of the validators it names, enough of whom are trusted.</summary>
    /// <param name="named">The validators to trust from here on.</param>
    public static bool TryFollow(IReadOnlyList<Address> trusted, Header header, [NotNullWhen(true)] out IReadOnlyList<Address>? named, [NotNullWhen(false)] out Refusal? refusal)
    {
        (named, refusal) = (null, null);
        if (ValidatorsOf(header) is not { } validators || !QbftExtraData.TryDecode(header.ExtraData, out var extra))
        {
            refusal = Refused($"block {header.Number} names no validators", "its extra data is not that of QBFT with a list of validators");
            return false;
        }
        var digest = header.HashWith(extra.EncodeForDigest());
        var signers = new HashSet<Address>();
        foreach (var seal in extra.Seals)
        {
            if (!Signature.TryRead(seal.Span, out var signature) || seal.Span[64] > 1 || !signature.TryRecover(digest, out var signer) || !validators.Contains(signer))
                refusal = Refused($"a seal of block {header.Number} is of no validator", $"its bytes are {Hex.Encode(seal.Span[..8])}…");
            else if (!signers.Add(signer))
                refusal = Refused($"block {header.Number} is sealed twice by one validator", signer.ToChecksumString());
            if (refusal is not null) return false;
        }
        var (quorum, vouching) = ((2 * validators.Count + 2) / 3, signers.Count(trusted.Contains));
        if (signers.Count < quorum) refusal = Refused($"block {header.Number} has too few seals", $"{signers.Count} of {validators.Count} validators sealed it, {quorum} are needed");
        else if (vouching <= (trusted.Count - 1) / 3) refusal = Refused($"block {header.Number} is not vouched for", $"of the {trusted.Count} validators trusted before it {vouching} sealed it, {(trusted.Count - 1) / 3 + 1} are needed");
        if (refusal is not null) return false;
        named = validators;
        return true;
    }

    static bool IsAscending(IReadOnlyList<Address> validators)
    {
        for (var i = 1; i < validators.Count; i++)
            if (validators[i - 1] >= validators[i]) return false;
        return true;
    }

    static Refusal Refused(string what, string why) => new(what, why, "ask for a tally from a node you can reach");
}
