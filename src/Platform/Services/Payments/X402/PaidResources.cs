using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What is sold here by the request: a text or a file each, under a name, for an amount.</summary>
public sealed class PaidResources(Rooms rooms)
{
    internal static readonly Table Resources = new("paid_resource", "name text key", "owner text", "pay_to text", "amount text", "description text", "mime_type text", "content text", "at number");

    const int LongestContent = 256 << 10;

    public IReadOnlyList<PaidResource> All() => rooms.Database.Read(session => session.Query($"SELECT name, owner, pay_to, amount, description, mime_type, at FROM {Resources} ORDER BY name", Read));

    public PaidResource? Find(string name) => rooms.Database.Read(session => session.Find($"SELECT name, owner, pay_to, amount, description, mime_type, at FROM {Resources} WHERE name = {name}", Read));

    internal string? ContentOf(string name) => rooms.Database.Read(session => session.Find($"SELECT content FROM {Resources} WHERE name = {name}", row => row.Text(0)));

    static PaidResource Read(SqlRow row) => new(row.Text(0), row.Text(1), row.Address(2), row.Text(3), row.Text(4), row.Text(5), row.Time(6));

    /// <summary>Puts something up for sale, in the place of what its owner sold under that name before.</summary>
    /// <exception cref="ProblemException">It cannot be sold, or the name is another's.</exception>
    public async Task<PaidResource> OfferAsync(Caller by, string name, NewPaidResource asked)
    {
        if (name.Length > 64 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')) throw ProblemException.Invalid($"'{name}' cannot be a name", "it has up to 64 letters, digits, dashes and dots", "write it as price-list.2026");
        if (asked.Content is not { Length: > 0 and <= LongestContent }) throw ProblemException.Invalid("the content cannot be sold", $"it is a text of up to {LongestContent} letters", "send it in content");
        if (asked.MimeType is { } mime && !System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(mime, out _)) throw ProblemException.Invalid($"mimeType '{mime}' is none", "it says what the content is", "write for example application/json");
        // Whoever is paid decides what for: it has to be an account of the seller's own.
        var payTo = rooms.OwnAccount(by, asked.PayTo, "payTo");
        if (Find(name) is { } other && other.Owner != by.Name) throw new ProblemException(Microsoft.AspNetCore.Http.StatusCodes.Status409Conflict, "name-taken", new Refusal($"the name {name} is taken", $"{other.Owner} sells something under it", "choose another one"));
        var resource = new PaidResource(name, by.Name, payTo, asked.Amount ?? "", asked.Description ?? "", asked.MimeType ?? "text/plain; charset=utf-8", DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        await rooms.Database.WriteAsync(session => session.Execute(Resources.Insert([resource.Name, resource.Owner, resource.PayTo, resource.Amount, resource.Description, resource.MimeType, asked.Content, resource.At], replaces: true))).ConfigureAwait(false);
        return resource;
    }

    public Task RemoveAsync(Caller by, string name) => Find(name) is { } one && one.Owner == by.Name
        ? rooms.Database.WriteAsync(session => session.Execute($"DELETE FROM {Resources} WHERE name = {name}"))
        : throw ProblemException.NotFound($"you sell nothing under the name {name}");
}

/// <param name="Amount">In coins, as text.</param>
public sealed record PaidResource(string Name, string Owner, Address PayTo, string Amount, string Description, string MimeType, DateTimeOffset At)
{
    public string Url => $"/paid/{Name}";
}

/// <param name="PayTo">Whose account is paid.</param>
public sealed record NewPaidResource(string? Amount, string? PayTo, string? Content, string? Description = null, string? MimeType = null);
