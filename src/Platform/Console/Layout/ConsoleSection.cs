namespace Hufu.WebConsole;

/// <summary>A part of the navigation: the pages of one service, say. Registered with the host's services, it appears.</summary>
/// <param name="Order">Sections stand by it, the smallest first.</param>
public sealed record ConsoleSection(int Order, string English, string Chinese, IReadOnlyList<ConsolePage> Pages);

/// <param name="Path">From the root: /payments.</param>
/// <param name="Icon">One that <c>Icon</c> draws.</param>
public sealed record ConsolePage(string Path, string Icon, string English, string Chinese);
