using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What people do through the services: a line or two each, in the file of its service.</summary>
public static class ActList
{
    public static IReadOnlyList<Act> All { get; } = [.. General, .. CoinActs.All, .. PaymentActs.All, .. ClearingActs.All, .. TraceActs.All, .. WatchActs.All, .. OperationsActs.All];

    public static Act? Find(string? key) => All.FirstOrDefault(act => act.Key == key);

    /// <summary>The act that a command came from.</summary>
    public static Act? OfCommand(string kind) => All.FirstOrDefault(act => act.Right == kind);

    static Act[] General =>
    [
        new("open-account", "accounts.open", "/accounts", "Open an account", "开立账户", [new("name", FieldKind.Text, "Name", "名称", "shop", "a short name for people", "便于识别的短名称")],
            values => new("An account named {0} is opened here. Its secret is kept sealed on this machine and told to nobody.", "将在此开立名为 {0} 的账户。其密钥加密保存在本机，不向任何人透露。", values["name"]),
            async doing =>
            {
                if (doing["name"] is not { Length: > 0 and <= 64 } name || name.Any(char.IsControl)) throw ProblemException.Invalid("the account's name cannot be used", "it has from 1 to 64 letters", "give it a name such as shop");
                var account = await doing.Rooms.Custody.OpenAsync(name, owner: doing.By.Name).ConfigureAwait(false);
                return Done.Here("The account {0} is open: {1}. It can pay, be paid and sign from now on.", "账户 {0} 已开立：{1}。即日起可收付款并签名。", account.Name, new ProgramWord(account.Address.ToChecksumString()));
            }) { Signer = Act.Nothing },
        new("setup", "platform.setup", "/coin", "Set up the services", "启用服务", [],
            _ => new("The contracts of the services are deployed on this chain, and the rights set up. It is done once.", "将在这条链上部署各项服务的合约并设定权限，只需一次。"),
            async doing =>
            {
                var made = await doing.Rooms.Registry.EnsureAsync(doing.Stop).ConfigureAwait(false);
                return Done.Here("The services are ready: {0} contracts stand on this chain.", "服务已启用：{0} 份合约已部署到这条链上。", made.Contracts.Count);
            }) { Signer = ("The platform's own account signs and pays.", "由平台自己的账户签名并付费。") },
    ];
}
