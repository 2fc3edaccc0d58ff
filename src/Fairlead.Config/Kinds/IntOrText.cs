using System.Globalization;
using System.Text.Json.Nodes;

namespace Fairlead.Config.Kinds;

/// <summary>Kubernetes' int-or-string: a port by number or name, an amount or a percentage.</summary>
public readonly record struct IntOrText(int Number, string Text)
{
    public bool IsText => Text is { Length: > 0 };

    public bool IsEmpty => Number == 0 && !IsText;

    public static IntOrText Read(JsonNode? node) => JsonFields.TextOf(node) is { } text
        ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(number, "") : new(0, text)
        : new((int)Math.Clamp(JsonFields.IntegerOf(node) ?? 0, int.MinValue, int.MaxValue), "");

    public override string ToString() => IsText ? Text : Number.ToString(CultureInfo.InvariantCulture);
}
