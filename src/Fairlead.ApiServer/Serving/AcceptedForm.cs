using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>The form of an answer that a client asks for in its Accept header.</summary>
public enum AnswerForm
{
    Json,
    Table,

    /// <summary>Metadata alone: <c>PartialObjectMetadata</c>, or a list of them.</summary>
    Metadata,
}

/// <summary>The first form of the Accept header that is served; types that are not known are passed over.</summary>
internal readonly record struct AcceptedForm(AnswerForm Form, string Version)
{
    /// <summary>A name for caches of rendered forms.</summary>
    public string Key => Form == AnswerForm.Json ? "json" : $"{Form}/{Version}";

    public static AcceptedForm Of(HttpRequest request)
    {
        var header = request.Headers.Accept.ToString();
        if (header.Length == 0)
            return new AcceptedForm(AnswerForm.Json, "");
        foreach (var entry in header.Split(','))
        {
            var parts = entry.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*" or "application/*"))
                continue;
            var parameters = parts.Skip(1).Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2).ToLookup(pair => pair[0], pair => pair[1]);
            var form = parameters["as"].FirstOrDefault();
            var version = parameters["v"].FirstOrDefault() ?? "v1";
            if (form is null)
                return new AcceptedForm(AnswerForm.Json, "");
            if (version is not ("v1" or "v1beta1"))
                continue;
            if (form == "Table")
                return new AcceptedForm(AnswerForm.Table, version);
            if (form is "PartialObjectMetadata" or "PartialObjectMetadataList")
                return new AcceptedForm(AnswerForm.Metadata, version);
        }
        throw new Refusal(406, "NotAcceptable", "only the following media types are accepted: application/json");
    }
}
