using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>What a call will do, in plain words, before it is signed.</summary>
static class CallWords
{
    static readonly UInt256 Unlimited = new UInt256(1) << 255;

    public static Sentence Of(Address contract, AbiFunction function, object[] arguments, TokenFacts? token) => (function.Signature, token) switch
    {
        ("transfer(address,uint256)", { IsCollectible: false }) => new("You send {0} to {1}. It cannot be taken back.", "你将向 {1} 转账 {0}，无法撤回。", Amount(arguments[1], token), arguments[0]),
        ("approve(address,uint256)", { IsCollectible: false }) when (UInt256)arguments[1] is { IsZero: true } => new("You no longer let {0} spend your {1}.", "你将不再允许 {0} 动用你的 {1}。", arguments[0], token.Symbol),
        ("approve(address,uint256)", { IsCollectible: false }) when (UInt256)arguments[1] >= Unlimited =>
            new("You let {0} spend all of your {1}, now and later, until you take it back. Only do this for someone you trust with all of it.", "你将允许 {0} 动用你现在和将来的全部 {1}，直到你撤销。仅当你完全信任对方时才这样做。", arguments[0], token.Symbol),
        ("approve(address,uint256)", { IsCollectible: false }) => new("You let {0} spend up to {1} of yours, until you take it back.", "你将允许 {0} 动用你至多 {1}，直到你撤销。", arguments[0], Amount(arguments[1], token)),
        ("transferFrom(address,address,uint256)", { IsCollectible: false }) => new("You move {0} from {1} to {2}, by what {1} allowed you.", "你将依据 {1} 的授权，把 {0} 从 {1} 转给 {2}。", Amount(arguments[2], token), arguments[0], arguments[1]),
        ("transferFrom(address,address,uint256)" or "safeTransferFrom(address,address,uint256)", { IsCollectible: true }) => new("You give the piece number {0} of {1} from {2} to {3}.", "你将把 {1} 的第 {0} 号藏品从 {2} 转给 {3}。", AbiJson.Text(arguments[2]), contract, arguments[0], arguments[1]),
        ("setApprovalForAll(address,bool)", { IsCollectible: true }) when (bool)arguments[1] => new("You let {0} move every piece of {1} that you own or will own. Only do this for someone you trust with all of them.", "你将允许 {0} 转移你现在和将来拥有的全部 {1} 藏品。仅当你完全信任对方时才这样做。", arguments[0], contract),
        ("burn(uint256)", { IsCollectible: false }) => new("You give up {0}: they are gone for good.", "你将永久销毁 {0}。", Amount(arguments[0], token)),
        _ => new("You ask the contract {0} to do {1} with the values below.", "你将请合约 {0} 以下列值执行 {1}。", contract, new ProgramWord(function.Name)),
    };

    static TokenAmount Amount(object units, TokenFacts token) => new((UInt256)units, token.Address, token);
}
