namespace Fairlead.Config.Primitives;

/// <summary>Port numbers: 1 to 65535 (0 is not an address to connect to).</summary>
public static class Port
{
    public const int Lowest = 1;
    public const int Highest = 65535;

    public static bool IsValid(long number) => number is >= Lowest and <= Highest;
}
