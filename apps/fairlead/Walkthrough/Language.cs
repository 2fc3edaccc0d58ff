namespace Fairlead.App.Walkthrough;

/// <summary>Language of the walkthrough's own words; commands and their output are what they are.</summary>
internal enum Language
{
    English,
    Chinese,
}
