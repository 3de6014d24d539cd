namespace Hufu.Services;

/// <summary>How a value stood in JSON, so that it is written back as it was. XML knows text only, unless <c>xsi:type</c> says more.</summary>
public enum EpcisForm
{
    Text,
    Number,
    Boolean,
    Null,

    /// <summary>An object: what it holds are its children.</summary>
    Object,
}

/// <summary>
/// One field of an event, whatever form it was read from: the shape of EPCIS XML, in which a list is an element around elements.
/// Fields of the standard have no namespace; extensions have one and are kept as they came.
/// </summary>
/// <param name="name">The local name; a whole URI where an extension was named by one.</param>
public sealed class EpcisElement(string name, string text = "", EpcisForm form = EpcisForm.Text)
{
    /// <summary>Empty for the standard's own fields.</summary>
    public string Namespace { get; init; } = "";
    public string Name { get; } = name;

    /// <summary>The value, without the space around it. Words of the core business vocabulary stand here as whole URIs.</summary>
    public string Text { get; } = text;
    public EpcisForm Form { get; } = form;

    /// <summary>One of a list in JSON, even where it is the only one.</summary>
    public bool IsListed { get; init; }

    /// <summary>Was an attribute of an XML element.</summary>
    public bool IsAttribute { get; init; }

    public List<EpcisElement> Children { get; init; } = [];

    public bool IsExtension => Namespace.Length > 0 || Name.Contains(':', StringComparison.Ordinal);

    /// <summary>The first child of the standard with this name.</summary>
    public EpcisElement? this[string child]
    {
        get
        {
            foreach (var one in Children) if (one.Namespace.Length == 0 && one.Name == child) return one;
            return null;
        }
    }

    public IEnumerable<EpcisElement> All(string child) => Children.Where(one => one.Namespace.Length == 0 && one.Name == child);

    public override string ToString() => Namespace.Length == 0 ? Name : $"{{{Namespace}}}{Name}";
}
