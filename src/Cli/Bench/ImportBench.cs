using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu bench import`: a file of blocks into an empty chain in memory, again and again.</summary>
static class ImportBench
{
    public static int Run(string path, string genesisPath, int repeat)
    {
        if (!GenesisFiles.TryFind(genesisPath, null, null, out var genesis, out _, out var refusal)) return Outcome.Refuse(refusal);
        var last = new ImportProgress(0, 0, 0, 0, 0, 0);
        Refusal? fault = null;
        var timings = Timings.Of(repeat, () => fault ??= Import(path, genesis, progress => last = progress));
        if (fault is not null) return Outcome.Refuse(fault);
        timings.Report("import", (long)last.Imported, writer =>
        {
            writer.WriteNumber("gas", last.GasUsed);
            writer.WriteNumber("mgas_per_second", Math.Round(last.GasUsed * 1000.0 / timings.MedianNs, 2));
        });
        return Outcome.Success;
    }

    static Refusal? Import(string path, Genesis genesis, Action<ImportProgress> report)
    {
        if (!BlockFile.TryOpen(path, out var file, out var refusal)) return refusal;
        using var opened = file;
        if (!Ledgers.TryOpen(null, genesis, followsImports: true, out var store, out var chain, out refusal)) return refusal;
        using (store)
        using (chain)
            return new ChainImport(chain).Run(file, report, CancellationToken.None);
    }
}
