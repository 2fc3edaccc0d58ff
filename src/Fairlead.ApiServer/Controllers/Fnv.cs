using System.Text;

namespace Fairlead.ApiServer.Controllers;

/// <summary>FNV-1a: short names that follow from content.</summary>
internal static class Fnv
{
    private const string SafeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static ulong Hash(string text)
    {
        var hash = 14695981039346656037;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ octet) * 1099511628211;
        return hash;
    }

    /// <summary>A 32-bit hash in decimal, its digits mapped to letters that spell no words, as <c>pod-template-hash</c> is written.</summary>
    public static string SafeName(string text)
    {
        var hash = 2166136261;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ octet) * 16777619;
        return string.Concat(hash.ToString(System.Globalization.CultureInfo.InvariantCulture).Select(digit => SafeAlphabet[digit % SafeAlphabet.Length]));
    }

    /// <summary>Five safe letters.</summary>
    public static string Suffix(string text)
    {
        var hash = Hash(text);
        return string.Create(5, hash, static (span, value) =>
        {
            for (var i = 0; i < span.Length; i++, value /= (ulong)SafeAlphabet.Length)
                span[i] = SafeAlphabet[(int)(value % (ulong)SafeAlphabet.Length)];
        });
    }
}
