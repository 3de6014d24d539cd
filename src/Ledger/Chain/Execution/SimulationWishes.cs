using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What a simulation wants of a block that no header can say; null leaves it as it is.</summary>
/// <param name="Precompiles">Where the precompiles stand.</param>
/// <param name="BlobBaseFee">Wei per blob gas, whatever the excess blob gas.</param>
public sealed record SimulationWishes(PrecompileSet? Precompiles, UInt256? BlobBaseFee);
