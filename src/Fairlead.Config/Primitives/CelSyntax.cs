namespace Fairlead.Config.Primitives;

/// <summary>
/// Whether a text parses as a CEL expression (grammar of the CEL language definition, without macros' types). Parsing only:
/// names are not looked up.
/// </summary>
public static class CelSyntax
{
    /// <summary>Nesting of parentheses and operators; the parser recurses.</summary>
    private const int DeepestNesting = 100;

    private const int LongestExpression = 16 * 1024;

    /// <summary>What is wrong and where; null when nothing is.</summary>
    public static string? Fault(string expression)
    {
        if (expression.Length > LongestExpression)
            return $"expression longer than {LongestExpression} characters";
        var parser = new Parser(expression);
        return parser.Parse();
    }

    private ref struct Parser(string text)
    {
        private static readonly string[] Operators = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"];

        private int at;
        private int depth;
        private string? fault;

        public string? Parse()
        {
            Expression();
            Space();
            if (fault is null && at < text.Length)
                Fail($"unexpected '{text[at]}'");
            return fault;
        }

        private void Expression()
        {
            if (++depth > DeepestNesting)
                Fail($"nested deeper than {DeepestNesting} levels");
            Chain();
            if (fault is null && Take('?'))
            {
                Chain();
                Expect(':');
                if (fault is null)
                    Expression();
            }
            depth--;
        }

        // Precedence does not decide whether a text parses, so all binary operators are one chain.
        private void Chain()
        {
            Unary();
            while (fault is null && TakeOperator())
                Unary();
        }

        private bool TakeOperator()
        {
            Space();
            foreach (var candidate in Operators)
            {
                if (!text.AsSpan(at).StartsWith(candidate, StringComparison.Ordinal))
                    continue;
                at += candidate.Length;
                return true;
            }
            if (!text.AsSpan(at).StartsWith("in", StringComparison.Ordinal) || (at + 2 < text.Length && IsName(text[at + 2])))
                return false;
            at += 2;
            return true;
        }

        private void Unary()
        {
            Space();
            while (at < text.Length && text[at] is '!' or '-')
            {
                at++;
                Space();
                if (at >= text.Length)
                    break;
            }
            Primary();
            while (fault is null)
            {
                if (Take('.'))
                    Member();
                else if (Take('['))
                    Index();
                else if (Take('{'))
                    Entries();
                else
                    return;
            }
        }

        private void Member()
        {
            Take('?');
            Name();
            if (fault is null && Take('('))
                Arguments(')');
        }

        private void Index()
        {
            Take('?');
            Expression();
            Expect(']');
        }

        private void Primary()
        {
            Space();
            if (fault is not null)
                return;
            if (at >= text.Length)
            {
                Fail("unexpected end");
                return;
            }
            var next = text[at];
            if (Take('('))
            {
                Expression();
                Expect(')');
            }
            else if (Take('['))
            {
                Arguments(']');
            }
            else if (Take('{'))
            {
                Entries();
            }
            else if (next is '"' or '\'' || IsPrefixedText())
            {
                Text();
            }
            else if (char.IsAsciiDigit(next))
            {
                Number();
            }
            else
            {
                Take('.');
                Name();
                if (fault is null && Take('('))
                    Arguments(')');
            }
        }

        private readonly bool IsPrefixedText()
        {
            var i = at;
            while (i < text.Length && i < at + 2 && text[i] is 'r' or 'R' or 'b' or 'B')
                i++;
            return i > at && i < text.Length && text[i] is '"' or '\'';
        }

        private void Text()
        {
            var raw = false;
            while (text[at] is not ('"' or '\''))
                raw |= text[at++] is 'r' or 'R';
            var quote = text[at];
            var triple = text.AsSpan(at).StartsWith(new string(quote, 3), StringComparison.Ordinal);
            at += triple ? 3 : 1;
            while (at < text.Length)
            {
                if (text[at] == '\\' && !raw)
                {
                    at += 2;
                    continue;
                }
                if (triple ? text.AsSpan(at).StartsWith(new string(quote, 3), StringComparison.Ordinal) : text[at] == quote)
                {
                    at += triple ? 3 : 1;
                    return;
                }
                if (!triple && text[at] == '\n')
                    break;
                at++;
            }
            at = Math.Min(at, text.Length);
            Fail("text without closing quote");
        }

        private void Number()
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '.' || (text[at] is '+' or '-' && text[at - 1] is 'e' or 'E')))
                at++;
        }

        private void Arguments(char close)
        {
            if (Take(close))
                return;
            do
            {
                if (close == ']')
                    Take('?');
                Expression();
            }
            while (fault is null && Take(','));
            Expect(close);
        }

        private void Entries()
        {
            if (Take('}'))
                return;
            do
            {
                Take('?');
                Expression();
                Expect(':');
                if (fault is null)
                    Expression();
            }
            while (fault is null && Take(','));
            Expect('}');
        }

        private void Name()
        {
            Space();
            var start = at;
            while (at < text.Length && IsName(text[at]))
                at++;
            if (at == start || char.IsAsciiDigit(text[start]))
                Fail(start < text.Length ? $"unexpected '{text[start]}'" : "unexpected end");
        }

        private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

        private void Space()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
        }

        private bool Take(char expected)
        {
            Space();
            if (fault is not null || at >= text.Length || text[at] != expected)
                return false;
            at++;
            return true;
        }

        private void Expect(char expected)
        {
            if (fault is null && !Take(expected))
                Fail(at < text.Length ? $"expected '{expected}' before '{text[at]}'" : $"expected '{expected}' at the end");
        }

        private void Fail(string message) => fault ??= $"{message} at position {at + 1}";
    }
}
