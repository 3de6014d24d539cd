using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>perm_: the accounts and nodes that this node has to do with, by the names and in the words of Besu.</summary>
public sealed class PermMethods(PermissionLists lists)
{
    public static void AddAll(MethodTable methods, PermissionLists lists)
    {
        var perm = new PermMethods(lists);
        methods.Add("perm_getAccountsAllowlist", perm.GetAccounts)
            .Add("perm_addAccountsToAllowlist", (ref Parameters parameters, Answer answer) => Change(ref parameters, answer, lists.AddAccounts, "account"))
            .Add("perm_removeAccountsFromAllowlist", (ref Parameters parameters, Answer answer) => Change(ref parameters, answer, lists.RemoveAccounts, "account"))
            .Add("perm_getNodesAllowlist", perm.GetNodes)
            .Add("perm_addNodesToAllowlist", (ref Parameters parameters, Answer answer) => Change(ref parameters, answer, lists.AddNodes, "node"))
            .Add("perm_removeNodesFromAllowlist", (ref Parameters parameters, Answer answer) => Change(ref parameters, answer, lists.RemoveNodes, "node"))
            .Add("perm_reloadPermissionsFromFile", perm.Reload);
    }

    RpcError? GetAccounts(ref Parameters parameters, Answer answer) => Write(answer, lists.Accounts?.Select(account => account.ToString()), "account");

    RpcError? GetNodes(ref Parameters parameters, Answer answer) => Write(answer, lists.Nodes, "node");

    RpcError? Reload(ref Parameters parameters, Answer answer)
    {
        if (lists.Reload() is { } refusal) return RpcError.Server($"Error reloading permissions file. Please use perm_getAccountsAllowlist and perm_getNodesAllowlist to review the current state of the permissions: {refusal}");
        answer.Result.WriteStringValue("Success"u8);
        return null;
    }

    static RpcError? Write(Answer answer, IEnumerable<string>? entries, string kind)
    {
        if (entries is null) return Of(ListFault.NotEnabled, kind);
        answer.Result.WriteStartArray();
        foreach (var entry in entries) answer.Result.WriteStringValue(entry);
        answer.Result.WriteEndArray();
        return null;
    }

    static RpcError? Change(ref Parameters parameters, Answer answer, Func<IReadOnlyList<string>, ListFault> change, string kind)
    {
        var given = parameters.Json($"a list of {kind}s");
        if (parameters.Failed) return parameters.Error;
        if (given.ValueKind != JsonValueKind.Array || given.EnumerateArray().Any(entry => entry.ValueKind != JsonValueKind.String)) return RpcError.InvalidParams($"expected a list of {kind}s");
        if (change([.. given.EnumerateArray().Select(entry => entry.GetString()!)]) is var fault && fault != ListFault.None) return Of(fault, kind);
        answer.Result.WriteStringValue("Success"u8);
        return null;
    }

    static RpcError Of(ListFault fault, string kind)
    {
        var title = kind == "account" ? "Account" : "Node";
        return RpcError.Server(fault switch
        {
            ListFault.NotEnabled => $"{title} allowlist has not been enabled: the permissions file has no list of {kind}s",
            ListFault.Empty => $"Request contains an empty list of {kind}s",
            ListFault.Invalid => $"Request contains an invalid {kind}",
            ListFault.Duplicated => $"Request contains duplicate {kind}s",
            ListFault.Existing => $"Cannot add an existing {kind} to allowlist",
            ListFault.Absent => $"Cannot remove an absent {kind} from allowlist",
            _ => $"Unable to persist changes to {kind} allowlist configuration file. Changes reverted",
        });
    }
}
