namespace Fairlead.App.Walkthrough;

/// <summary>What the walkthrough says, in its two languages.</summary>
internal sealed record Phrase(string English, string Chinese)
{
    public string In(Language language) => language == Language.Chinese ? Chinese : English;
}
