using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>A file that is there whole or not at all: written beside its place, and moved there when it is complete and on disk.</summary>
static class WholeFile
{
    /// <param name="write">Null where all went well; with a refusal no file is left.</param>
    public static Refusal? Write(string path, Func<FileStream, Refusal?> write)
    {
        var unfinished = path + ".new";
        try
        {
            Refusal? refusal;
            using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                refusal = write(file);
                file.Flush(flushToDisk: true);
            }
            if (refusal is null) File.Move(unfinished, path, overwrite: true);
            else File.Delete(unfinished);
            return refusal;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal($"cannot write {path}", error.Message, "choose another file");
        }
    }
}
