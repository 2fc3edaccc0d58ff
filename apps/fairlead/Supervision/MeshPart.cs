namespace Fairlead.App.Supervision;

/// <summary>One process of the mesh: its name (of log and pid file) and the verb with its arguments that it runs.</summary>
internal sealed record MeshPart(string Name, IReadOnlyList<string> Arguments);
