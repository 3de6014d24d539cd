using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>A sentence in both languages with values in it: {0} stands for the first of <paramref name="Parts"/>. Shown by <c>SentenceText</c>, which makes a link of an address.</summary>
public sealed record Sentence(string English, string Chinese, params IReadOnlyList<object> Parts);

/// <summary>So much of the chain's own coin.</summary>
public sealed record EtherAmount(UInt256 Wei);

/// <summary>A word that each language has its own of.</summary>
public sealed record Either(string English, string Chinese);

/// <summary>A word of a program: a function's or an event's name.</summary>
public sealed record ProgramWord(string Word);
