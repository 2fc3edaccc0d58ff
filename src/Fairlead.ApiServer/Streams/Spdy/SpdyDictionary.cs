using System.Text;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>The preset dictionary of SPDY/3 (draft section 2.6.10.1): words with their lengths in front, then words without.</summary>
internal static class SpdyDictionary
{
    private const string Words = "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization "
        + "cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date "
        + "etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
        + "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning "
        + "www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin";

    private const string Tail = "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information"
        + "204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
        + "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,"
        + "image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch"
        + "charset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

    public static byte[] Bytes { get; } = Make();

    /// <summary>Adler-32 (RFC 1950 section 8.2), by which zlib's header names the dictionary.</summary>
    public static uint Checksum { get; } = Adler32(Bytes);

    private static byte[] Make()
    {
        using var bytes = new MemoryStream();
        foreach (var word in Words.Split(' '))
        {
            bytes.Write([0, 0, 0, (byte)word.Length]);
            bytes.Write(Encoding.ASCII.GetBytes(word.Replace('_', ' ')));
        }
        bytes.Write(Encoding.ASCII.GetBytes(Tail));
        return bytes.ToArray();
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        uint low = 1, high = 0;
        foreach (var one in bytes)
        {
            low = (low + one) % 65521;
            high = (high + low) % 65521;
        }
        return (high << 16) | low;
    }
}
