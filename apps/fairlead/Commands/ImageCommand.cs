using System.CommandLine;
using Fairlead.App.CommandLine;
using Fairlead.Node;
using Fairlead.Node.Images;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead image import|ls|rm</c>: the images of this machine.</summary>
internal static class ImageCommand
{
    private static readonly Argument<string> Archive = new("FILE") { Description = "OCI image layout or docker archive (tar, also gzipped)" };
    private static readonly Argument<string> Name = new("NAME") { Description = "Name to keep it under (default: the archive's own)", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "" };
    private static readonly Argument<string> Target = new("IMAGE") { Description = "Name, with its tag unless that is latest" };

    public static Command Create()
    {
        var import = new Command("import", "Take an image in from an archive") { Archive, Name, StateOption.Instance };
        import.SetAction(ImportAsync);
        var list = new Command("ls", "List the images of this machine") { StateOption.Instance };
        list.SetAction(List);
        var remove = new Command("rm", "Remove an image") { Target, StateOption.Instance };
        remove.SetAction(Remove);
        return new Command("image", "Import, list and remove images") { import, list, remove };
    }

    private static ImageLibrary Library(ParseResult arguments) => new(arguments.GetValue(StateOption.Instance)!);

    private static async Task<int> ImportAsync(ParseResult arguments, CancellationToken cancel)
    {
        try
        {
            Console.WriteLine(await Library(arguments).ImportAsync(arguments.GetValue(Archive)!, arguments.GetValue(Name)!, cancel));
            return 0;
        }
        catch (ImageArchiveException refused)
        {
            throw new CommandException(refused.Message, refused);
        }
    }

    private static void List(ParseResult arguments)
    {
        var table = new TextTable("IMAGE", "MADE FROM");
        foreach (var (name, source) in Library(arguments).List())
            table.Add(name, source);
        table.Write(Console.Out);
    }

    private static int Remove(ParseResult arguments)
    {
        var name = arguments.GetValue(Target)!;
        if (!Library(arguments).Remove(name))
            throw new CommandException($"there is no image {name}; 'fairlead image ls' lists them");
        Console.WriteLine($"removed {name}");
        return 0;
    }
}
