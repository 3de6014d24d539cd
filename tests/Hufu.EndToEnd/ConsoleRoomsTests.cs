using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Every page of the console, with something on it.</summary>
public sealed class ConsoleRoomsTests
{
    // One chain for three visits: what the first two leave behind is what the third has to look at.
    [Fact]
    public async Task A_newcomer_goes_through_every_room_and_every_page_is_accessible_light_and_keeps_to_its_language()
    {
        using var data = new TemporaryFolder();
        var port = HufuProcess.FreePort();
        await using var hufu = await HufuProcess.Up(data.Path, "--console-port", $"{port}", "--private-destinations");
        var url = $"http://127.0.0.1:{port}";

        await BrowserScripts.Run("newcomer.mjs", url, "en", "desktop", "scripts", Path.Combine(AppContext.BaseDirectory, "hufu.dll"));
        await BrowserScripts.Run("rooms.mjs", url, hufu.Url);
        await BrowserScripts.Run("camera.mjs", url, data.Path);
        foreach (var told in new[] { await BrowserScripts.Run("pages.mjs", url), await BrowserScripts.Run("weight.mjs", url) }) TestContext.Current.TestOutputHelper!.WriteLine(told);
    }
}
