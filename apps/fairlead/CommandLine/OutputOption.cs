using System.CommandLine;

namespace Fairlead.App.CommandLine;

/// <summary>The <c>-o, --output</c> option, worded and checked alike for every verb.</summary>
internal static class OutputOption
{
    public static Option<OutputFormat> Create(OutputFormat defaultFormat = OutputFormat.Table)
    {
        var option = new Option<OutputFormat>("--output", "-o")
        {
            Description = "Output format: table, json or yaml",
            HelpName = "table|json|yaml",
            DefaultValueFactory = _ => defaultFormat,
            CustomParser = result =>
            {
                var value = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
                switch (value)
                {
                    case "table" or "wide" or "short": return OutputFormat.Table;
                    case "json": return OutputFormat.Json;
                    case "yaml": return OutputFormat.Yaml;
                    default:
                        result.AddError($"unable to match a printer suitable for the output format \"{value}\", allowed formats are: json,table,yaml");
                        return defaultFormat;
                }
            },
        };
        option.CompletionSources.Add("table", "json", "yaml");
        return option;
    }
}
