using Hufu.Consensus;
using Hufu.Node;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Node;

/// <summary>A key that was just made, and one whose disk was lost, are told apart.</summary>
public sealed class ValidatorKeyTests : IDisposable
{
    readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("hufu-key").FullName, "validator");

    [Fact]
    public void A_key_that_is_made_here_is_noted_as_never_used()
    {
        Assert.True(DataFolder.TryReadOrMakeKey(_folder, out var key, out _));
        Assert.Equal(TimeSpan.Zero, Caution(height: 1));

        Assert.True(DataFolder.TryReadOrMakeKey(_folder, out var again, out _));
        Assert.Equal(key.Id, again.Id);
        Assert.Equal(TimeSpan.Zero, Caution(height: 1));
    }

    [Fact]
    public void A_folder_with_the_key_alone_is_one_that_was_lost()
    {
        Assert.True(DataFolder.TryReadOrMakeKey(_folder, out _, out _));
        Directory.Delete(Path.Combine(_folder, "qbft"), recursive: true);

        Assert.True(DataFolder.TryReadOrMakeKey(_folder, out _, out _));
        Assert.Equal(TimeSpan.FromSeconds(20), Caution(height: 1));
        Assert.Equal(TimeSpan.FromSeconds(20), Caution(height: 1000));
    }

    /// <summary>How long a validator with this folder would be silent at a height that began before it did.</summary>
    TimeSpan Caution(ulong height)
    {
        using var file = new SigningRecordFile(Path.Combine(_folder, "qbft"));
        var at = new QbftHeight(new Header { Number = height - 1, Timestamp = 1000 }, new ValidatorSet([Address.FromNumber(1)]), new QbftTimes());
        return (file.Read() ?? SigningRecord.Blank).Caution(at, 5_000_000, TimeSpan.FromSeconds(1));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
}
