namespace Fairlead.App.CommandLine;

/// <summary>What <c>-o</c> asks for; every verb that prints a table offers the other two.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Yaml,
}
