using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The logs that ether leaves when it moves between accounts or is destroyed (EIP-7708).</summary>
static class TransferLogs
{
    // Keccak-256 of "Transfer(address,address,uint256)" and of "Burn(address,uint256)".
    static readonly Hash256 TransferTopic = Keccak256.Hash("Transfer(address,address,uint256)"u8);
    static readonly Hash256 BurnTopic = Keccak256.Hash("Burn(address,uint256)"u8);

    public static Log Transfer(in Address from, in Address to, in UInt256 amount) =>
        new(TransactionExecution.SystemAddress, [TransferTopic, Word(from), Word(to)], Hash256.FromUInt256(amount).Bytes.ToArray());

    public static Log Burn(in Address account, in UInt256 amount) =>
        new(TransactionExecution.SystemAddress, [BurnTopic, Word(account)], Hash256.FromUInt256(amount).Bytes.ToArray());

    static Hash256 Word(in Address address) => Hash256.FromUInt256(address.ToUInt256());
}
