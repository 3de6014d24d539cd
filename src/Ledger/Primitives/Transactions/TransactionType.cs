namespace Hufu.Primitives;

/// <summary>The EIP-2718 type byte of a transaction or receipt.</summary>
public enum TransactionType : byte
{
    Legacy = 0,
    AccessList = 1,
    DynamicFee = 2,
    Blob = 3,
    SetCode = 4,
}
