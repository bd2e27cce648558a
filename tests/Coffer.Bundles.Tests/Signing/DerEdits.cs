namespace Coffer.Tests.Signing;

/// <summary>Every value of a structure removed, doubled, moved, emptied, filled, or written in another way, one at a time.</summary>
internal static class DerEdits
{
    /// <summary>Each structure once, and never the one that is given.</summary>
    public static IEnumerable<(string What, byte[] Der)> Of(byte[] der) =>
        All(der).DistinctBy(edit => Convert.ToBase64String(edit.Der)).Where(edit => !edit.Der.AsSpan().SequenceEqual(der));

    private static IEnumerable<(string What, byte[] Der)> All(byte[] der)
    {
        var count = DerNode.Parse(der).All().Count();
        for (var i = 0; i < count; i++)
        {
            foreach (var (name, edit) in TreeEdits)
            {
                var root = DerNode.Parse(der);
                var (node, siblings) = root.All().ElementAt(i);
                if (edit(node, siblings))
                {
                    yield return ($"{name} at {i}", root.Encode());
                }
            }
        }

        yield return ("a trailing byte", [.. der, 0]);
        yield return ("twice", [.. der, .. der]);
    }

    private static readonly (string Name, Func<DerNode, List<DerNode>?, bool> Edit)[] TreeEdits =
    [
        ("removed", (node, siblings) => siblings?.Remove(node) == true),
        ("doubled", (node, siblings) => Insert(siblings, node, node, 0)),
        ("moved behind its neighbour", (node, siblings) => siblings is not null && siblings.IndexOf(node) is var at && at + 1 < siblings.Count && Move(siblings, at)),
        ("moved to the end", (node, siblings) => siblings is not null && siblings.Remove(node) && Append(siblings, node)),
        ("followed by NULL", (node, siblings) => Insert(siblings, node, new DerNode { Tag = 0x05 }, 1)),
        ("NULL inside", (node, _) => Append(node.Children, new DerNode { Tag = 0x05 })),
        ("emptied", (node, _) => Empty(node)),
        ("longer length", (node, _) => Set(() => node.LengthExcess = 1)),
        ("much longer length", (node, _) => Set(() => node.LengthExcess = 3)),
        ("indefinite length", (node, _) => Set(() => node.LengthExcess = -1)),
        ("other tag", (node, _) => Set(() => node.Tag ^= 0x01)),
        ("other class", (node, _) => Set(() => node.Tag ^= 0x80)),
        ("constructed", (node, _) => node.Children is null && Set(() => (node.Tag, node.Children) = ((byte)(node.Tag | 0x20), [new DerNode { Tag = node.Tag, Content = node.Content }]))),
        ("leading zero", (node, _) => node.Children is null && Set(() => node.Content = [0, .. node.Content])),
        ("trailing zero", (node, _) => node.Children is null && Set(() => node.Content = [.. node.Content, 0])),
        ("reversed", (node, _) => node.Children is { Count: > 1 } && Set(() => node.Children.Reverse())),
    ];

    private static bool Set(Action action)
    {
        action();
        return true;
    }

    private static bool Append(List<DerNode>? list, DerNode node)
    {
        list?.Add(node);
        return list is not null;
    }

    private static bool Insert(List<DerNode>? siblings, DerNode beside, DerNode node, int after)
    {
        siblings?.Insert(siblings.IndexOf(beside) + after, node);
        return siblings is not null;
    }

    private static bool Move(List<DerNode> siblings, int at)
    {
        (siblings[at], siblings[at + 1]) = (siblings[at + 1], siblings[at]);
        return true;
    }

    private static bool Empty(DerNode node)
    {
        (node.Children, node.Content) = (node.Children is null ? null : [], []);
        return true;
    }
}
