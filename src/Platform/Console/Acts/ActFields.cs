namespace Hufu.WebConsole;

/// <summary>Fields that acts of more than one service have.</summary>
static class ActFields
{
    public static readonly ActField Amount = new("amount", FieldKind.Amount, "Amount", "金额", "100.00");

    /// <summary>A document by name: a text, of which only the hash goes onto the ledger.</summary>
    public static ActField Document(string name, string english, string chinese, string example) => new(name, FieldKind.Text, english, chinese, example, "its name; only its hash goes onto the ledger", "文书名称；账本上只记其哈希");
}
