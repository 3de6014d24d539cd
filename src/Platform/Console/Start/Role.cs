namespace Hufu.WebConsole;

/// <summary>A kind of user, and the first steps for them. <paramref name="Key"/> stands in the page's address.</summary>
public sealed record Role(string Key, string Icon, string English, string Chinese, string EnglishPromise, string ChinesePromise, IReadOnlyList<RoleStep> Steps)
{
    /// <summary>What everybody can begin with, whichever services run.</summary>
    public static IReadOnlyList<Role> Always { get; } =
    [
        new("developer", "contract", "Contract developer", "合约开发者", "A chain that behaves as Ethereum does, seconds after one command.", "一条命令，数秒之内即有一条与以太坊行为一致的链。",
        [
            new("Connect your tools", "连接你的工具", "ethers, viem, Hardhat and Foundry work unchanged with this address:", "ethers、viem、Hardhat、Foundry 无需改动，使用这个地址即可：", Command: "{rpc}"),
            new("Deploy a contract", "部署合约", "From a Foundry project, for example. The contract appears on the contracts page a moment later.", "例如在 Foundry 项目里部署，片刻之后合约便出现在“合约”页。", Command: "forge create src/Token.sol:Token --rpc-url {rpc} --unlocked --from 0x… --broadcast", Path: "/contracts"),
            new("Read and call it here", "在这里读取和调用", "Give the contract's ABI on its page: every question is answered there, and every act is tried out and told in plain words before you sign.", "在合约页提供 ABI：可直接查询；每个操作在签名之前都会试运行并用白话说明。", Path: "/contracts"),
            new("Take a tally home", "带走一份凭证", "Any transaction's page has one. Check it on another machine, without this node:", "每笔交易的页面都能取得。在另一台机器上、无需本节点即可核验：", Command: "hufu verify payment.tally.json", Path: "/tally"),
        ]),
        new("operator", "health", "Operator of a network", "网络运营者", "Validators that know each other, no stalls, and one place to look.", "相互认识的验证者、不停摆的网络，以及一个看全局的地方。",
        [
            new("See that all is well", "确认一切正常", "Head, peers, pool, disk and the latest errors stand on one page.", "最新区块、节点、交易池、磁盘与最近错误都在一页上。", Path: "/operations"),
            new("Try a network of validators", "试运行验证者网络", "Four validators on this machine, to learn on:", "在本机启动四个验证者来练手：", Command: "hufu network up --validators 4"),
            new("Know who seals", "了解出块者", "Who made the last blocks, and who was away.", "最近的区块由谁产生，又有谁缺席。", Path: "/operations/peers"),
        ]),
        new("auditor", "tally", "Auditor, court, shopper", "审计、法庭与消费者", "Proofs in place of promises: check them yourself.", "以证明代替承诺：自己动手核验。",
        [
            new("Ask for the tally", "索取凭证", "Whoever claims something on this ledger can hand you its tally, a small file.", "凡声称某事已记入本账本者，都能交给你一枚凭证文件。"),
            new("Check it", "核验", "Here, or offline on your own machine. One changed byte, and it is refused with the reason.", "在这里核验，或在自己的电脑上离线核验。改动任何一个字节都会被拒绝并说明原因。", Command: "hufu verify FILE", Path: "/tally"),
            new("Know what you still trust", "了解尚需信任什么", "The answer ends with what is left to trust: at best only the first block of the chain.", "结果末尾会列出尚需信任的内容：最好的情形下只剩创世区块。"),
        ]),
    ];
}

/// <param name="Command">To type in a terminal; {rpc} stands for the chain's address.</param>
/// <param name="Path">Where in the console the step is done.</param>
public sealed record RoleStep(string English, string Chinese, string EnglishMore, string ChineseMore, string? Command = null, string? Path = null)
{
    /// <summary>Whether it is done already, as far as the platform can tell; null where it cannot.</summary>
    public Func<IServiceProvider, bool>? IsDone { get; init; }
}
