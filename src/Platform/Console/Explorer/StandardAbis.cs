using Hufu.Client;

namespace Hufu.WebConsole;

/// <summary>What everybody's contracts have in common: the standards for tokens, owners and proxies, so that they read in words wherever they are.</summary>
static class StandardAbis
{
    public static readonly AbiEvent Transfer = AbiEvent.Parse("event Transfer(address indexed from, address indexed to, uint256 value)");
    public static readonly AbiEvent TransferOfOne = AbiEvent.Parse("event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)");
    public static readonly AbiEvent Approval = AbiEvent.Parse("event Approval(address indexed owner, address indexed spender, uint256 value)");

    public static readonly IReadOnlyList<AbiEvent> Events =
    [
        Transfer, TransferOfOne, Approval,
        AbiEvent.Parse("event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)"),
        AbiEvent.Parse("event ApprovalForAll(address indexed owner, address indexed operator, bool approved)"),
        AbiEvent.Parse("event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)"),
        AbiEvent.Parse("event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values)"),
        AbiEvent.Parse("event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)"),
        AbiEvent.Parse("event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)"),
        AbiEvent.Parse("event Deposit(address indexed dst, uint256 wad)"),
        AbiEvent.Parse("event Withdrawal(address indexed src, uint256 wad)"),
        AbiEvent.Parse("event Paused(address account)"),
        AbiEvent.Parse("event Unpaused(address account)"),
        AbiEvent.Parse("event Upgraded(address indexed implementation)"),
    ];

    /// <summary>ERC-20 with ERC-2612.</summary>
    public static readonly IReadOnlyList<AbiFunction> Token =
    [
        AbiFunction.Parse("name() view returns (string)"),
        AbiFunction.Parse("symbol() view returns (string)"),
        AbiFunction.Parse("decimals() view returns (uint8)"),
        AbiFunction.Parse("totalSupply() view returns (uint256)"),
        AbiFunction.Parse("balanceOf(address account) view returns (uint256)"),
        AbiFunction.Parse("allowance(address owner, address spender) view returns (uint256)"),
        AbiFunction.Parse("transfer(address to, uint256 value) returns (bool)"),
        AbiFunction.Parse("approve(address spender, uint256 value) returns (bool)"),
        AbiFunction.Parse("transferFrom(address from, address to, uint256 value) returns (bool)"),
    ];

    /// <summary>ERC-721.</summary>
    public static readonly IReadOnlyList<AbiFunction> Collectible =
    [
        AbiFunction.Parse("name() view returns (string)"),
        AbiFunction.Parse("symbol() view returns (string)"),
        AbiFunction.Parse("balanceOf(address owner) view returns (uint256)"),
        AbiFunction.Parse("ownerOf(uint256 tokenId) view returns (address)"),
        AbiFunction.Parse("tokenURI(uint256 tokenId) view returns (string)"),
        AbiFunction.Parse("getApproved(uint256 tokenId) view returns (address)"),
        AbiFunction.Parse("isApprovedForAll(address owner, address operator) view returns (bool)"),
        AbiFunction.Parse("approve(address to, uint256 tokenId)"),
        AbiFunction.Parse("setApprovalForAll(address operator, bool approved)"),
        AbiFunction.Parse("safeTransferFrom(address from, address to, uint256 tokenId)"),
        AbiFunction.Parse("transferFrom(address from, address to, uint256 tokenId)"),
    ];

    /// <summary>Read where a call or a refusal of an unknown contract is met.</summary>
    public static readonly IReadOnlyList<AbiFunction> Others =
    [
        AbiFunction.Parse("permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)"),
        AbiFunction.Parse("mint(address to, uint256 amount)"),
        AbiFunction.Parse("burn(uint256 amount)"),
        AbiFunction.Parse("deposit() payable"),
        AbiFunction.Parse("withdraw(uint256 amount)"),
        AbiFunction.Parse("safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes data)"),
        AbiFunction.Parse("transferOwnership(address newOwner)"),
        AbiFunction.Parse("multicall(bytes[] data)"),
    ];

    public static readonly IReadOnlyList<AbiError> Errors =
    [
        AbiError.Parse("error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)"),
        AbiError.Parse("error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)"),
        AbiError.Parse("error ERC20InvalidSender(address sender)"),
        AbiError.Parse("error ERC20InvalidReceiver(address receiver)"),
        AbiError.Parse("error ERC20InvalidApprover(address approver)"),
        AbiError.Parse("error ERC20InvalidSpender(address spender)"),
        AbiError.Parse("error ERC721NonexistentToken(uint256 tokenId)"),
        AbiError.Parse("error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)"),
        AbiError.Parse("error ERC721InsufficientApproval(address operator, uint256 tokenId)"),
        AbiError.Parse("error OwnableUnauthorizedAccount(address account)"),
        AbiError.Parse("error AccessManagedUnauthorized(address caller)"),
        AbiError.Parse("error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)"),
        AbiError.Parse("error EnforcedPause()"),
        AbiError.Parse("error ReentrancyGuardReentrantCall()"),
        AbiError.Parse("error SafeERC20FailedOperation(address token)"),
        AbiError.Parse("error ERC2612ExpiredSignature(uint256 deadline)"),
        AbiError.Parse("error ERC2612InvalidSigner(address signer, address owner)"),
        AbiError.Parse("error InvalidAccountNonce(address account, uint256 currentNonce)"),
    ];
}
