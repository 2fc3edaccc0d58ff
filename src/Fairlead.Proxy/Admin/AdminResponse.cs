using System.Text;

namespace Fairlead.Proxy.Admin;

/// <summary>The answer of an admin port.</summary>
internal sealed record AdminResponse(int Status, string ContentType, byte[] Body)
{
    public const string PlainText = "text/plain; charset=UTF-8";

    /// <summary>What follows once the answer is out: the end of the process must not overtake it.</summary>
    public Action Sent { get; init; } = static () => { };

    public static AdminResponse Text(string body, int status = 200) => new(status, PlainText, Encoding.UTF8.GetBytes(body));

    public static AdminResponse Json(byte[] body) => new(200, "application/json", body);

    public static AdminResponse Ok() => Text("OK\n");

    public static AdminResponse NotFound(string path) => Text($"invalid path {path}. admin commands are:\n  see /help\n", 404);
}
