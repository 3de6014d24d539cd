using Hufu.Consensus;

namespace Hufu.Simulation;

/// <summary>What the network does to messages at the moment.</summary>
sealed record NetworkWeather
{
    public static readonly NetworkWeather Fair = new();

    public int LeastDelay { get; init; } = 2;
    public int MostDelay { get; init; } = 60;
    public double Drops { get; init; }
    public double Duplicates { get; init; }

    /// <summary>The side of each validator; messages between sides are lost. Null where all are joined.</summary>
    public IReadOnlyList<int>? Sides { get; init; }

    /// <summary>Whether only messages from side 0 to others are lost.</summary>
    public bool IsOneWay { get; init; }

    /// <summary>Every message of this kind is lost.</summary>
    public QbftCode? Swallows { get; init; }

    /// <summary>Who is joined to whom; null where all are.</summary>
    public Func<int, int, bool>? Links { get; init; }

    public bool Carries(int from, int to, QbftCode? code)
    {
        if ((code is not null && code == Swallows) || Links?.Invoke(from, to) == false) return false;
        if (Sides is null || Sides[from] == Sides[to]) return true;
        return IsOneWay && Sides[from] != 0;
    }
}

/// <summary>How a Byzantine validator lies.</summary>
enum Lie
{
    None,
    Silent,
    Equivocates,
    WithholdsSeals,
    Garbage,
    FalseRoundChanges,
    IgnoresCertificates,
    Spams,

    /// <summary>Asks for other rounds in the names of many that are no validators.</summary>
    Impersonates,

    /// <summary>Honest code that forgets what it signed at every crash, as after a wiped disk.</summary>
    Forgets,
}

/// <summary>A rule broken on purpose, to see whether the simulator finds it.</summary>
enum Mutation
{
    None,
    QuorumOffByOne,
    CertificateNotChecked,
    DoubleSignAllowed,
    TimerNotCapped,

    /// <summary>A validator that starts again does not look at what it signed before.</summary>
    RecordNotRead,

    /// <summary>A validator that lost its disk at the first height takes part in it at once.</summary>
    FirstHeightForgotten,

    /// <summary>Round changes count whoever signed them.</summary>
    ChangerNotChecked,
}
