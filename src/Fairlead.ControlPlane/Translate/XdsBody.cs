namespace Fairlead.ControlPlane.Translate;

/// <summary>
/// An encoded message in pieces, of which other bodies may hold some too: the route tables of twenty namespaces are the same thousand virtual hosts but for a
/// few, and a change of one makes twenty lists of pieces instead of twenty megabytes.
/// </summary>
public sealed class XdsBody(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
{
    public static XdsBody Empty { get; } = new([]);

    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces => pieces;

    /// <summary>In bytes.</summary>
    public int Length { get; } = pieces.Sum(piece => piece.Length);

    /// <summary>The message in one piece, to be parsed.</summary>
    public byte[] ToArray()
    {
        var whole = new byte[Length];
        var written = 0;
        foreach (var piece in pieces)
        {
            piece.Span.CopyTo(whole.AsSpan(written));
            written += piece.Length;
        }
        return whole;
    }
}
