using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What contracts refuse with, for people: why, and how to mend it. An error that is not in the list speaks by its name and values.</summary>
public static class ContractWords
{
    static readonly Dictionary<string, (Words Why, Words Mend)> Known = new(StringComparer.Ordinal)
    {
        ["AlreadyPaid"] = (new("this payer has paid this payee under this reference before", "该付款人已用此参考号向该收款人付过款"), new("look the payment up by its reference; another payment needs another reference", "请按参考号查询；另一笔付款须用另一参考号")),
        ["TokenNotAccepted"] = (new("this token is not on the list of those taken", "该代币不在接受名单上"), new("choose another token, or have it accepted by who holds payments.tokens", "请换用其他代币，或由持有 payments.tokens 的人将其列入")),
        ["NotReceivedInFull"] = (new("the token kept something back, so the payee would not have had the whole amount", "代币截留了一部分，收款人不会收到全额"), new("choose a token that takes no fee of its own", "请选用自身不收费的代币")),
        ["NotAuthorisedFor"] = (new("the payer signed for another payee or reference", "付款人签署的是另一收款人或参考号"), new("sign the draft of this very payment", "请签署本笔付款的草稿")),
        ["ERC20InsufficientBalance"] = (new("the account has less than that", "账户余额不足"), new("give it coins first, or ask for less", "请先转入，或减少金额")),
        ["ERC20InsufficientAllowance"] = (new("the account has not let the contract take that much", "账户授予合约的额度不足"), new("approve the amount first", "请先授权该金额")),
        ["ERC3009ExpiredAuthorization"] = (new("the payer's signature is no longer good", "付款人的签名已过期"), new("have a new draft signed", "请重新签署草稿")),
        ["ERC3009UsedAuthorization"] = (new("the payer's signature was used before", "付款人的签名已被使用"), new("have a new draft signed", "请重新签署草稿")),
        ["ERC3009InvalidSignature"] = (new("the signature is not the payer's", "签名不是付款人的"), new("have the payer sign the draft", "请由付款人签署草稿")),
        ["AccountFrozen"] = (new("the account is frozen by a lawful order", "账户已被依法冻结"), new("see GET /api/v1/stablecoin/orders for the order", "命令见 GET /api/v1/stablecoin/orders")),
        ["EnforcedPause"] = (new("it is paused", "现已暂停"), new("wait until it goes on; what is yours can be withdrawn all the while", "请等待恢复；属于您的随时可以取回")),
        ["AccessManagedUnauthorized"] = (new("the account has no right to this", "该账户没有此权限"), new("use the account that holds the role, or have the role granted", "请使用持有该角色的账户，或请求授予角色")),
        ["AboveReserve"] = (new("there would be more coins than the attested reserve covers", "发行量将超过经证明的储备"), new("have a newer and larger reserve attested first", "请先取得更新且更大的储备证明")),
        ["AboveAllowance"] = (new("the minter may not mint that much now", "铸币方当前额度不足"), new("mint less, or wait: its room refills by the day", "请减少数额，或等待额度按日恢复")),
        ["NeedsConfirmation"] = (new("so large a mint needs two officers", "如此大额的铸造需要两名经办人"), new("order it, and have another officer confirm it", "请下单，并由另一名经办人确认")),
        ["NotAMinter"] = (new("the account is no minter", "该账户不是铸币方"), new("have it appointed by the master minter", "请由主铸币方任命")),
        ["SameOfficer"] = (new("who ordered it cannot confirm it", "下单人不能自行确认"), new("another officer has to", "须由另一名经办人确认")),
        ["NoSuchOrder"] = (new("there is no such order, or it is over", "没有此命令，或已结束"), new("look at the list of orders", "请查看命令列表")),
        ["OrderExpired"] = (new("the order was not confirmed within a day", "命令未在一天内确认"), new("order it again", "请重新下单")),
        ["NotSignedByAuditor"] = (new("the signature is not the auditor's", "签名不是审计方的"), new("have the appointed auditor sign it", "请由指定的审计方签署")),
        ["NotNewer"] = (new("a newer attestation is there already", "已有更新的证明"), new("attest a later count", "请证明更晚的盘点")),
        ["FromTheFuture"] = (new("it is dated after the chain's last block", "时间晚于链上最新区块"), new("give an earlier time", "请给出较早的时间")),
        ["AlreadyEntered"] = (new("an order with this document was entered before", "以该文件的命令此前已录入"), new("look at it in the list of orders", "请在命令列表中查看")),
        ["NotEntered"] = (new("no order with this document waits", "没有以该文件等待的命令"), new("look at the list of orders", "请查看命令列表")),
        ["TooLate"] = (new("it was not confirmed within three days", "未在三天内确认"), new("enter the order again", "请重新录入命令")),
        ["StillInTime"] = (new("it can still be confirmed", "仍可确认"), new("wait for the three days to end", "请等待三天期满")),
        ["NotAParticipant"] = (new("the account does not take part in clearing", "该账户未参加清算"), new("have it admitted first", "请先加入")),
        ["BalanceTooLow"] = (new("the participant has paid in less than that", "参与方的预存金额不足"), new("pay in first, or ask for less", "请先充值，或减少金额")),
        ["AboveDebitCap"] = (new("the participant would owe more than its cap", "参与方的净欠额将超过上限"), new("settle less, or have the cap raised", "请减少清算额，或提高上限")),
        ["AlreadySettled"] = (new("the obligation was settled before", "该债务此前已清算"), new("look it up by its id", "请按编号查询")),
        ["NotYetOrNoLonger"] = (new("the obligation is outside its time", "该债务不在有效时间内"), new("queue another with a later deadline", "请以更晚的期限重新登记")),
        ["NotYetDue"] = (new("the deadline has not passed", "期限尚未到"), new("wait for it; the payee can return the amount at any time", "请等待；收款人可随时退还")),
        ["NotForYou"] = (new("the account has no part in it that lets it do this", "该账户无权对其进行此操作"), new("use the account of payer, payee or arbiter", "请使用付款人、收款人或仲裁人的账户")),
        ["NotOpen"] = (new("it is over, or was never there", "已结束，或从未存在"), new("look at its state", "请查看其状态")),
        ["InDispute"] = (new("it is in dispute", "正处于争议中"), new("the arbiter decides", "由仲裁人裁定")),
        ["WrongSecret"] = (new("this is not the secret", "口令不正确"), new("ask the payer for it", "请向付款人索取")),
        ["MoreThanHeld"] = (new("less than that is held", "托管的金额不足"), new("ask for less", "请减少金额")),
        ["MoreThanVested"] = (new("less than that has vested", "已到期的金额不足"), new("ask for less, or wait", "请减少金额，或等待")),
        ["NothingVested"] = (new("nothing has vested since the last withdrawal", "自上次领取后没有新的到期金额"), new("wait", "请等待")),
        ["AlreadyOver"] = (new("all of it has vested", "已全部到期"), new("there is nothing left to cancel", "没有可取消的")),
        ["NotOverdue"] = (new("the issuer still has time", "发行方仍在期限内"), new("wait until it is due", "请等到期满")),
    };

    /// <summary>Null where nothing better is known than what the revert says.</summary>
    public static Refusal? Of(Revert? revert) =>
        revert?.Abi is { } error && Known.TryGetValue(error.Name, out var words) ? new Refusal("the contract refused", $"{words.Why.English}: {revert.Words}", words.Mend.English) : null;

    /// <summary>A refusal of this list in both languages, with what the contract itself said; null where it is none. Refusals are kept by their English words, which tell the error.</summary>
    public static (Words Why, Words Mend, string Said)? Find(Refusal refusal)
    {
        foreach (var (why, mend) in Known.Values)
            if (refusal.Mend == mend.English && refusal.Why.StartsWith(why.English, StringComparison.Ordinal)) return (why, mend, refusal.Why[why.English.Length..].TrimStart(':', ' '));
        return null;
    }
}
