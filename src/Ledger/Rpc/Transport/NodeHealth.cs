namespace Hufu.Rpc;

/// <summary>Whether the chain moves and the node can be asked about it: what load balancers and alarms look at.</summary>
/// <param name="IsMoving">False where blocks should come and do not.</param>
/// <param name="IsReady">Whether answers are of the present: the chain moves, and the node is not behind it.</param>
/// <param name="Why">In words; also where all is well.</param>
public sealed record NodeHealth(bool IsMoving, bool IsReady, string Why)
{
    public static readonly NodeHealth Well = new(true, true, "ok");
}
