using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Hufu.WebConsole;

/// <summary>
/// What refusals say, for people who look at pages. Refusals are told in English, for programs and logs; here their phrases stand again in Chinese, and in English too where the
/// original speaks to a program. {0} and the like stand for whatever a refusal names.
/// </summary>
public static partial class RefusalWords
{
    sealed record Phrase(string Said, string Chinese, string? English = null);

    static readonly Phrase[] Phrases =
    [
        // accounts and names
        new("the account's name cannot be used", "账户名称无法使用"), new("it has from 1 to 64 letters", "名称须为 1 至 64 个字符"), new("give it a name such as shop", "请换一个名称，例如 shop"),
        new("{0} is missing", "缺少“{0}”"), new("it names an account", "此处须指明一个账户"), new("give an address, or the name of an account that is kept here", "请填写地址，或保存在此的账户名称"),
        new("{0} '{1}' is unknown", "“{0}”一栏的“{1}”不存在"), new("no account of that name is kept here", "此处没有这个名称的账户"),
        new("open it with POST /api/v1/accounts, or give an address", "请先开立该账户，或直接填写地址", "open it first under Accounts, or give an address"),
        new("{0} may not sign for {1}", "{0} 无权代 {1} 签名"), new("the account was opened by somebody else", "该账户由他人开立"), new("choose an account of your own, or use a key that opens {0}", "请选择自己的账户，或使用具有 {0} 权限的密钥"),
        new("{0} {1} cannot sign here", "“{0}”{1} 无法在此签名"), new("its secret is not kept by this platform", "其密钥不在本平台保管"),
        new("sign in your own wallet where the request takes a signature, or choose an account of GET /api/v1/accounts", "请用自己的钱包签名，或选择保存在此的账户", "sign in your own wallet, or choose an account that is kept here"),
        new("{0} '{1}' is no address", "“{0}”一栏的“{1}”不是地址"), new("{0} '{1}' is no hash", "“{0}”一栏的“{1}”不是哈希"), new("{0} is no address", "“{0}”不是地址"),
        new("an address is 0x and 40 hexadecimal digits", "地址由 0x 和 40 位十六进制数字组成"), new("a hash is 0x and 64 hexadecimal digits", "哈希由 0x 和 64 位十六进制数字组成"), new("copy it whole", "请完整复制"),
        new("{0} may not do {1}", "{0} 无权执行 {1}"), new("its key opens {0}", "其密钥的权限为：{0}"), new("use a key that opens it, or have the act added to this one", "请使用具有该权限的密钥，或请管理员添加"),
        new("{0} is forbidden here", "此处禁止 {0}"), new("ask who keeps the policy; the rules are at /api/v1/policy/rules", "请咨询策略管理员；规则见“禁令与权限”页", "ask who keeps the policy; the rules are on the page Policy"),

        // amounts, dates, times
        new("{0} is no amount", "“{0}”不是有效金额"), new("{0} is zero", "“{0}”为零"), new("nothing would move", "不会有任何资金变动"), new("give an amount above zero", "请填写大于零的金额"),
        new("write it as \"12.50\", with at most {0} decimals", "请写成 12.50 的形式，小数不超过 {0} 位"), new("write it as \"1000.00\"; \"0\" sets no bound", "请写成 1000.00 的形式；0 表示不设上限"), new("write it as \"12.50\"; \"0\" returns all of it", "请写成 12.50 的形式；0 表示全部退回"),
        new("there is none", "没有填写"), new("'{0}' is not made of digits with one point", "“{0}”应由数字和至多一个小数点组成"), new("'{0}' has {1} decimals, and the token has {2}", "“{0}”有 {1} 位小数，而该代币只有 {2} 位"), new("it is longer than any amount", "超出任何可能的金额"),
        new("deadline has passed", "期限已过"), new("it is {0}", "现为 {0}"), new("give a time to come", "请选择将来的时间"),
        new("the days cannot be used", "天数无法使用"), new("'{0}' is not from 1 to 3649", "“{0}”不在 1 至 3649 之间"), new("write a number such as 14", "请填写数字，例如 14"),
        new("the certificate's dates cannot be read", "证书日期无法识别"), new("write them as 2026-11-27", "请写成 2026-11-27 的形式"), new("the certificate is never valid", "证书没有有效期"), new("from {0} until {1}", "自 {0} 至 {1}"), new("give both times in their order", "失效日应晚于生效日"),
        new("the address of the certificate is no web address", "证书的网址无效"), new("write https://…", "请以 https:// 开头"),

        // payments, coin, clearing
        new("the payee recognises the payment by it", "收款人凭它识别这笔付款"), new("give an invoice's number, an EndToEndId or a UETR", "请填写发票号、EndToEndId 或 UETR"), new("{0} cannot be used", "“{0}”无法使用"), new("it has more than {0} letters, or a control character", "超过 {0} 个字符，或含有控制字符"), new("shorten it", "请缩短"),
        new("the idempotency key was used for another request", "同一表单已用于另一项请求"),
        new("debtor and creditor are the same", "债务人与债权人相同"), new("name two accounts", "请选择两个不同的账户"),
        new("{0} is no participant", "{0} 不是清算参与方"), new("only participants have positions", "只有参与方才有清算头寸"), new("admit it with POST /api/v1/clearing/participants", "请先在清算页准入该账户", "admit it first, on the page Clearing"),
        new("there is nothing to settle", "没有可清算的债务"), new("no obligation waits that the balances cover", "没有待清算且余额足以支付的债务"), new("queue obligations, or let the debtors pay in", "请先登记债务，或由债务人存入资金"),
        new("the signature is not the debtor's", "签名不是债务人的"), new("the signature cannot be read", "签名无法识别"), new("{0} takes no signed payments", "{0} 不支持签名付款"), new("choose a token with ERC-3009, such as the platform's coin", "请选择支持 ERC-3009 的代币，例如平台币"),
        new("the steps cannot be used", "分期设置无法使用"), new("a stream has at least one instalment, at least a second long", "至少一期，每期至少一秒"), new("stepSeconds 1 pays by the second; 2592000 by thirty days", "间隔填 1 表示按秒支付，2592000 表示每三十天支付", "an interval of 1 pays by the second, of 2592000 every thirty days"),
        new("secret cannot be read", "口令无法识别"), new("it is not hexadecimal", "不是十六进制"), new("send 0x and its bytes", "请以 0x 开头填写"),
        new("there is no deal {0}", "没有第 {0} 号托管"), new("there is no stream {0}", "没有第 {0} 号分期付款"), new("there is no payment {0}", "没有付款 {0}"), new("there is no command {0}", "没有指令 {0}"), new("there is no exception {0}", "没有差异 {0}"), new("there is no such exception", "没有这项差异"), new("choose one from the queue", "请从队列中选择"),
        new("nothing of that name is known here", "此处没有这个名称"), new("check the name; something new takes a moment until it is indexed", "请核对名称；刚产生的内容需片刻才能查到"),
        new("bankAccount is missing", "缺少银行账户"), new("the money has to go somewhere", "款项须有去处"), new("give an IBAN, or the account as the bank writes it", "请填写 IBAN，或银行所用的账号"),
        new("kind is no kind of order", "命令种类无效"), new("choose one of them", "请从中选择"), new("the document's hash stands on the chain", "文书的哈希将记入链上"), new("give the document's Keccak-256, or the text itself", "请填写文书的 Keccak-256，或文书内容"),
        new("signature is missing", "缺少签名"), new("the auditor {0} signs elsewhere", "审计方 {0} 在别处签名"), new("send what the auditor signed", "请提供审计方签署的内容"), new("signature is no signature", "签名无效"), new("send 0x and 130 hexadecimal digits", "请填写 0x 和 130 位十六进制数字"),
        new("the note is missing", "缺少说明"), new("whoever reads it later wants to know what was found", "日后的查阅者需要知道查明了什么"), new("write a sentence", "请写一句话"),

        new("sign the typed data of POST /api/v1/payments/drafts", "请签署本笔付款的草稿", "sign the draft of this very payment"), new("sign the obligation's EIP-712 digest with the debtor's key", "请由债务人签署该债务的 EIP-712 摘要"),

        new("'{0}' cannot be a name", "“{0}”不能用作名称"), new("write it as price-list.2026", "请写成 price-list.2026 的形式"), new("the content cannot be sold", "该内容无法出售"), new("send it in content", "请放在 content 中提交"), new("mimeType '{0}' is none", "“{0}”不是媒体类型"), new("write for example application/json", "例如 application/json"),

        // banks' files
        new("this ledger pays {0}", "本账本以 {0} 付款"), new("the payment is in the currency {0}", "该付款的币种为 {0}"), new("send it to another bank", "请转交其他银行"), new("a payment between accounts needs both", "账户间付款须有双方"), new("{0} is not here", "{0} 不在此处"), new("name it under Id/Othr/Id", "请在 Id/Othr/Id 中填写"), new("name the account of this platform under Id/Othr/Id", "请在 Id/Othr/Id 中填写本平台的账户"),
        new("there is no file to look at", "没有可查看的文件"), new("none was given", "没有选择文件"), new("it has {0} bytes", "文件有 {0} 字节"), new("choose a file of at most {0} MiB", "请选择不超过 {0} MiB 的文件"), new("the file is not here any more", "文件已不在此处"), new("it was kept for half an hour", "文件只保留半小时"), new("choose it again", "请重新选择"),
        new("this is no XML", "文件不是 XML"), new("send an ISO 20022 message without a document type declaration", "请提供不含 DTD 声明的 ISO 20022 报文"), new("this is no ISO 20022 message", "这不是 ISO 20022 报文"), new("there is no schema for {0}", "没有 {0} 的模式文件"), new("the operator's folder has none", "运营者的文件夹中没有"), new("add it, or send another version", "请添加，或改用其他版本"), new("the message is not a {0}", "报文不是 {0}"),
        new("{0} orders no payments", "{0} 不是付款指令"), new("a pacs.008 or a pain.001 does", "付款指令应为 pacs.008 或 pain.001"), new("choose another file", "请选择其他文件"), new("the message contradicts itself", "报文自相矛盾"), new("nothing of it was executed: mend it and send it again", "其中任何一笔都未执行；请改正后重新提交"), new("the message is too long", "报文过长"), new("{0} payments, at most {1}", "共 {0} 笔付款，最多 {1} 笔"), new("split it", "请拆分"),
        new("the statement cannot be read", "对账单无法识别"), new("ask the bank for it again", "请向银行重新索取"), new("{0} is no statement", "{0} 不是对账单"), new("statements are camt.052, camt.053 and camt.054", "对账单应为 camt.052、camt.053 或 camt.054"), new("the statement is not complete", "对账单不完整"), new("the statement does not add up", "对账单收支不平"),

        // traceability
        new("the step cannot be recorded", "该环节无法登记"), new("mend what is named and send it again", "请改正上述问题后重新提交"), new("the step cannot be read", "该环节无法识别"), new("“{0}” names no lot", "“{0}”不是批次"), new("it is no product number and lot, or a check digit is wrong", "不是“商品编号/批号”，或校验位有误"), new("write it as on the label: 09521141012345/MANGO-7", "请按标签填写：09521141012345/MANGO-7"),
        new("nothing is recorded of {0}", "没有 {0} 的记录"), new("no event names it", "没有任何事件提到它"), new("record a step of it first", "请先登记它的一个环节"), new("the form's key cannot be used", "表单已失效"), new("load the form again", "请重新打开表单"), new("the form cannot be read", "表单无法识别"), new("a part of it is missing", "缺少一部分内容"), new("load it again", "请重新打开"),
        new("the events were not taken", "事件未被接受"), new("giver and receiver are the same", "交方与收方相同"), new("a hand-over has two sides", "交接须有双方"), new("the hand-over was offered on another contract", "交接是在另一份合约上提出的"), new("offer it again", "请重新提出"), new("{0} did not sign", "{0} 未签名"), new("its secret is not kept here", "其密钥不在此保管"), new("send its signature of the hand-over (EIP-712)", "请提供其对交接的签名（EIP-712）"),
        new("there is no such recall", "没有这项召回"), new("there is no recall {0}", "没有召回 {0}"), new("choose one from the list", "请从列表中选择"), new("a recall is of lots", "召回须指明批次"), new("{0} are named", "指明了 {0} 个"), new("name from 1 to {0}", "请指明 1 至 {0} 个"), new("there is no hand-over {0}", "没有交接 {0}"), new("there is no event {0}", "没有事件 {0}"),
        new("the yield is no number", "出成率不是数字"), new("the yield is no factor", "出成率无效"), new("1 means that nothing is added", "1 表示不增不减"),
        new("the sheet is empty", "表格为空"), new("it has no row", "没有任何行"), new("take the template and fill it in", "请下载模板填写"), new("the sheet lacks columns", "表格缺少列"), new("the first row holds the headings; take the template", "首行应为列标题；请使用模板"), new("below its headings there is nothing", "标题行下没有内容"), new("write a row for each step", "请为每个环节填写一行"), new("this is no spreadsheet that can be read", "无法识别该表格文件"), new("save it as .xlsx or .csv (UTF-8) and try again", "请另存为 .xlsx 或 .csv（UTF-8）后重试"), new("it is neither XLSX nor text", "既不是 XLSX，也不是文本"), new("the sheet is too long", "表格过长"), new("it has more than {0} rows", "超过 {0} 行"), new("the sheet is too large", "表格过大"), new("unpacked it has more than {0} MiB", "解压后超过 {0} MiB"),
        new("the document is not EPCIS", "文件不符合 EPCIS"), new("this is no GS1 identifier", "不是 GS1 标识"), new("give an EPC URN or a GS1 Digital Link", "请填写 EPC URN 或 GS1 数字链接"),
        new("there is no query {0}", "没有查询 {0}"), new("there is a query {0} already", "查询 {0} 已存在"), new("a name means one query", "一个名称只对应一个查询"), new("choose another name, or delete it first", "请换一个名称，或先删除原查询"), new("a schedule has no {0}", "时间表没有 {0}"), new("the schedule is empty", "时间表为空"), new("{0} of the schedule cannot be read", "时间表的 {0} 无法识别"), new("the name cannot be used", "名称无法使用"), new("it has from 1 to 64 letters, digits, dashes or dots", "名称须为 1 至 64 个字母、数字、短横线或点"), new("give it a name such as arrivals", "请换一个名称，例如 arrivals"),
        new("write a number from {0} to {1}, a range such as [{2}-{3}], or a list of them with commas", "请填写 {0} 至 {1} 的数字、[{2}-{3}] 这样的范围，或以逗号分隔的列表"), new("there is no such subscription", "没有这项订阅"),

        // telling others, jobs, policy
        new("url is no URL", "网址无效"), new("notices go by http or https", "通知经 http 或 https 发送"), new("write it as https://example.org/hufu", "请写成 https://example.org/hufu 的形式"), new("url holds a user name", "网址中含有用户名"), new("it would be shown to whoever lists the subscriptions", "查看订阅的人都会看到它"), new("leave it out: the receiver knows us by the signature", "请去掉：接收方凭签名辨认我们"),
        new("{0} is not called", "不向 {0} 发送"), new("it leads inside a network of its own: to this machine, a private network or a cloud's metadata", "它指向内部网络：本机、私有网络或云元数据"), new("give an address that the whole internet can reach; whoever runs the platform can allow others with --private-destinations", "请填写公网可达的地址；平台运营者可用 --private-destinations 放行"),
        new("this address is told of these events already", "该地址已订阅这些事件"), new("remove it first, or choose other events", "请先取消，或选择其他事件"), new("{0} did not take it", "{0} 没有接收"), new("look at the receiving program; it answers 200 once it has the notice", "请检查接收程序；收到通知后应返回 200"), new("there is no subscriber {0}", "没有订阅者 {0}"), new("it may have been removed", "可能已被移除"),
        new("there is no job {0}", "没有任务 {0}"), new("the jobs are at GET /api/v1/jobs", "任务见“定时任务”页", "the jobs are on the page Jobs"), new("everySeconds is out of range", "间隔超出范围"), new("it is from a second to a year", "应在一秒至一年之间"), new("give for example 3600", "例如填写 3600"),
        new("the rule cannot be used", "禁令无法使用"), new("it needs an act, and a reason of lower-case letters and dashes", "须填写操作，以及由小写字母和短横线组成的原因"), new("write for example payments.* and sanctions", "例如 payments.* 与 sanctions"),

        // the chain
        new("the contract refused", "合约拒绝执行"), new("change what the reason names, then try again", "请按原因修改后重试"), new("change what the reason names and send it under a new key; see transaction {0} in block {1}", "请按原因修改后重新提交；见区块 {1} 中的交易 {0}", "change what the reason names and do it again; see transaction {0} in block {1}"),
        new("the node at {0} cannot be reached", "无法连接节点 {0}"), new("check the URL, and that the node is running", "请检查地址，并确认节点正在运行"), new("the node refused {0}", "节点拒绝了 {0}"), new("the node refused the transaction", "节点拒绝了该交易"), new("no contract answers at {0}", "{0} 处没有合约应答"), new("check the address and the chain", "请核对地址与所在的链"),
        new("the connection to {0} has ended", "与 {0} 的连接已断开"), new("connect again", "请重新连接"), new("the transaction was replaced", "该交易已被替换"), new("find out who else signs for this account, then send the request under a new key", "请查明还有谁在用此账户签名，然后重新提交"),
        new("{0} cannot pay for gas", "{0} 无法支付手续费"), new("it has {0} Wei and needs {1}", "现有 {0} Wei，需要 {1}"), new("send it coin; the command then goes on by itself", "请向其转入手续费，指令会自动继续"), new("there is no token at {0}", "{0} 处没有代币合约"), new("what is there does not answer decimals() and symbol()", "该处不响应 decimals() 与 symbol()"),
        new("{0} cannot be read", "“{0}”无法识别"), new("the amount of Ether cannot be read", "以太金额无法识别"), new("write it as 1.5", "请写成 1.5 的形式"), new("the values do not fit", "所填的值不符合要求"), new("the contract has no such function here", "此合约没有这个函数"), new("its ABI is not known any more", "其 ABI 已不在内存中"), new("go back and give the ABI again", "请返回并重新提供 ABI"), new("not the ABI of a contract", "不是合约的 ABI"), new("give the compiler's JSON: an array of functions, events and errors, or an artifact with a member abi", "请提供编译器输出的 JSON：由函数、事件、错误组成的数组，或含 abi 成员的编译产物"),
        new("no event called {0} is known here", "此处没有名为 {0} 的事件"), new("events are found by the hash of their signature", "事件按其签名的哈希查找"), new("give the event's first topic, or its signature: Transfer(address,address,uint256)", "请填写事件的首个主题或签名：Transfer(address,address,uint256)"),

        // tallies
        new("there is no file to check", "没有可核验的文件"), new("choose a tally of at most 16 MiB", "请选择不超过 16 MiB 的凭证"), new("this is no tally", "这不是凭证文件"), new("ask whoever gave you the tally for another", "请向出具凭证的人索取新的凭证"),
        new("the file is too large", "文件过大"), new("{0} bytes", "{0} 字节"), new("the tally is of version {0}", "凭证版本为 {0}"), new("this verifier reads version {0}", "本核验程序支持版本 {0}"), new("use a newer one", "请使用更新的版本"),
        new("the block has no such transaction", "区块中没有这笔交易"), new("its list ends before {0}", "其列表不到第 {0} 项"), new("the transaction is of another chain", "该交易属于另一条链"), new("it is signed for chain {0}, the tally says {1}", "它签署于链 {0}，凭证却写着链 {1}"), new("the transaction's signature is nobody's", "该交易的签名无效"), new("the receipt cannot be read", "收据无法识别"), new("the receipt has no such event", "收据中没有这个事件"), new("a declaration is of no event in the tally", "凭证中没有与该声明对应的事件"), new("the evidence begins with another block", "终局性证据始于另一个区块"),
        new("invalid proof: {0}", "证明无效：{0}"), new("invalid proof: node {0} is not the one its parent names", "证明无效：第 {0} 个节点与其上级所指不符"), new("invalid proof: node {0} is malformed", "证明无效：第 {0} 个节点格式错误"), new("invalid proof: a node is missing", "证明无效：缺少节点"), new("invalid proof: nodes follow the end of the way", "证明无效：路径终点之后还有节点"), new("expected the hash {0}", "应有的哈希为 {0}"), new("the proof ends before the node {0}", "证明在节点 {0} 之前中断"), new("ask for the proof again, from a node you can reach, for the same block", "请就同一区块向可信的节点重新索取证明"),
        new("block {0} has too few seals", "区块 {0} 的签名不足"), new("{0} of {1} validators sealed it, {2} are needed", "{1} 个验证者中有 {0} 个签署，需要 {2} 个"), new("block {0} is not vouched for", "区块 {0} 缺乏担保"), new("a seal of block {0} is of no validator", "区块 {0} 有非验证者的签名"), new("block {0} is sealed twice by one validator", "区块 {0} 被同一验证者签署两次"), new("ask for a tally from a node you can reach", "请向可信的节点重新索取凭证"),
        new("the genesis block {0}: it names the first validators", "创世区块 {0}：它列出了首批验证者"), new("that of each set of validators, fewer than a third were dishonest", "每一组验证者中，不诚实者不足三分之一"),
        new("none: trust the RPC endpoint's header {0} (block {1}, which the endpoint called {2})", "区块 {1} 的区块头 {0} 由节点给出（节点称其为 {2}），文件本身不证明它不会改变", "the header {0} of block {1}, as the node gave it (it called it {2}): nothing in the file proves that it stays"), new("that it is of the chain with id {0} and the genesis block {1}", "它属于链 ID 为 {0}、创世区块为 {1} 的那条链"),
    ];

    // What refusals call the fields of forms.
    static readonly FrozenDictionary<string, string> Fields = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["amount"] = "金额",
        ["payer"] = "付款人",
        ["payee"] = "收款人",
        ["reference"] = "参考号",
        ["to"] = "收款账户",
        ["account"] = "账户",
        ["holder"] = "持有人",
        ["participant"] = "参与方",
        ["debtor"] = "债务人",
        ["creditor"] = "债权人",
        ["giver"] = "交方",
        ["receiver"] = "收方",
        ["arbiter"] = "仲裁人",
        ["cap"] = "上限",
        ["report"] = "报告",
        ["document"] = "文书",
        ["reason"] = "原因",
        ["note"] = "说明",
        ["nothing"] = "无",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, Phrase> Whole = Phrases.Where(one => !one.Said.Contains('{', StringComparison.Ordinal)).ToFrozenDictionary(one => one.Said, StringComparer.Ordinal);

    // The most particular first: the one with the most letters of its own.
    static readonly (Regex Form, Phrase Phrase)[] WithHoles = [.. Phrases.Where(one => one.Said.Contains('{', StringComparison.Ordinal)).OrderByDescending(one => Hole().Replace(one.Said, "").Length)
        .Select(one => (new Regex("^" + Hole().Replace(Regex.Escape(one.Said).Replace("\\{", "{", StringComparison.Ordinal), "(.+?)") + "$", RegexOptions.CultureInvariant | RegexOptions.Singleline, TimeSpan.FromMilliseconds(50)), one))];

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Hole();

    /// <summary>A part of a refusal as a page says it; null where it is not known in the language, and is shown as it was told.</summary>
    public static string? In(Tongue tongue, string said)
    {
        if (Whole.TryGetValue(said, out var whole)) return TextOf(whole, tongue);
        foreach (var (form, phrase) in WithHoles)
            if (form.Match(said) is { Success: true } match) return TextOf(phrase, tongue) is { } text ? Hole().Replace(text, hole => Named(match.Groups[hole.ValueSpan[1] - '0' + 1].Value, tongue)) : null;
        return null;
    }

    static string Named(string value, Tongue tongue) => tongue == Tongue.Chinese && Fields.TryGetValue(value, out var name) ? name : value;

    static string? TextOf(Phrase phrase, Tongue tongue) => tongue == Tongue.Chinese ? phrase.Chinese : phrase.English;
}
