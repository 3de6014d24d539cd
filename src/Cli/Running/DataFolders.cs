namespace Hufu.Cli;

/// <summary>Where data are kept unless the user says otherwise: the user's own folder for application data (~/.local/share/hufu on Linux).</summary>
static class DataFolders
{
    public static string Default
    {
        get
        {
            var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return local.Length > 0 ? Path.Combine(local, "hufu") : Path.GetFullPath("hufu-data");
        }
    }
}
