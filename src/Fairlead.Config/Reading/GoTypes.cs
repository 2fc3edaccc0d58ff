using Fairlead.Config.Schemas;

namespace Fairlead.Config.Reading;

/// <summary>Names of types as the API server's decoder prints them; users search the web for these texts.</summary>
internal static class GoTypes
{
    /// <summary>The type of a field, or of its item when <paramref name="path"/> ends in an index.</summary>
    public static string Name(FieldSchema field, string path)
    {
        var item = field.Type switch
        {
            SchemaType.Bool => "bool",
            SchemaType.Int32 => "int32",
            SchemaType.Int64 => "int64",
            SchemaType.UInt32 => "uint32",
            SchemaType.Double => "float64",
            SchemaType.Bytes => "[]uint8",
            SchemaType.Time => "v1.Time",
            SchemaType.MicroTime => "v1.MicroTime",
            SchemaType.Quantity => "resource.Quantity",
            SchemaType.IntOrString => "intstr.IntOrString",
            SchemaType.Object => "v1." + field.Object!.Name,
            _ => "string",
        };
        if (field.IsMap)
            return path.EndsWith(field.Name, StringComparison.Ordinal) ? "map[string]" + item : item;
        return field.IsList && !path.EndsWith(']') ? "[]" + item : item;
    }
}
