using System.Collections.Concurrent;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>Reads and decodes the blocks of a file, and recovers their senders, while those before them execute.</summary>
sealed class ReadAhead : IDisposable
{
    /// <param name="Block">Null at the end of the file, and where it is damaged.</param>
    /// <param name="Decoded">Null where the block is none, for the reason beside it.</param>
    /// <param name="Position">How far the file was read with this block, in bytes.</param>
    public readonly record struct Item(FiledBlock? Block, DecodedBlock? Decoded, BlockRefusal? Undecodable, Refusal? Damage, long Position);

    readonly BlockingCollection<Item> _read;
    readonly CancellationTokenSource _stop = new();
    readonly Task _reading;

    public ReadAhead(BlockFile file, int blocks)
    {
        _read = new BlockingCollection<Item>(blocks);
        _reading = Task.Factory.StartNew(() => Run(file), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The next block. Not to be asked for after the end.</summary>
    public Item Take()
    {
        try
        {
            return _read.Take();
        }
        catch (InvalidOperationException)
        {
            // What went wrong while reading is the caller's, who asked for it.
            _reading.GetAwaiter().GetResult();
            throw;
        }
    }

    void Run(BlockFile file)
    {
        try
        {
            while (Next(file) is var item)
            {
                _read.Add(item, _stop.Token);
                if (item.Decoded is null) return;
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody takes any more.
        }
        finally
        {
            _read.CompleteAdding();
        }
    }

    static Item Next(BlockFile file)
    {
        if (file.Next(out var damage) is not { } block) return new Item(null, null, null, damage, file.Position);
        if (!DecodedBlock.TryDecode(block.Rlp, out var decoded, out var undecodable)) return new Item(block, null, undecodable, null, file.Position);
        decoded.RecoverAhead();
        return new Item(block, decoded, null, null, file.Position);
    }

    public void Dispose()
    {
        _stop.Cancel();
        Task.WaitAny(_reading);
        _read.Dispose();
        _stop.Dispose();
    }
}
