namespace Fairlead.Xds.Json;

/// <summary>One declared enum.</summary>
public sealed class EnumSchema(IReadOnlyList<(string Name, int Number)> values)
{
    public int? Number(string name)
    {
        foreach (var value in values)
        {
            if (value.Name == name) return value.Number;
        }
        return null;
    }

    public string? Name(int number)
    {
        foreach (var value in values)
        {
            if (value.Number == number) return value.Name;
        }
        return null;
    }

    public IEnumerable<string> Names => values.Select(value => value.Name);
}
