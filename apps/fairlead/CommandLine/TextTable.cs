namespace Fairlead.App.CommandLine;

/// <summary>A table as kubectl prints one: columns three spaces apart, no frames, no trailing blanks.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const int ColumnGapChars = 3;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; it has as many cells as there are headers.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != headers.Length)
        {
            throw new ArgumentException($"a row of {cells.Length} cells under {headers.Length} headers", nameof(cells));
        }
        _rows.Add(cells);
    }

    public void Write(TextWriter writer)
    {
        var widths = new int[headers.Length];
        foreach (var row in _rows.Prepend(headers))
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], row[i].Length);
            }
        }
        foreach (var row in _rows.Prepend(headers))
        {
            var line = string.Concat(row.Select((cell, i) => cell.PadRight(widths[i] + ColumnGapChars)));
            writer.WriteLine(line.TrimEnd());
        }
    }
}
