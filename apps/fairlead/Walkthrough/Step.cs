namespace Fairlead.App.Walkthrough;

/// <summary>A block of commands as a person would paste it, what to see in its output, and what must be so.</summary>
internal sealed record Step(Phrase Title, string Commands, Phrase Look, params Check[] Checks);
