namespace Coffer.Text;

/// <summary>A number for every code point, in pages of 128 of which equal ones are stored once.</summary>
internal sealed class CodePointMap
{
    private const int PageBits = 7;
    private const int PageSize = 1 << PageBits;
    private const int Limit = 0x110000;

    private readonly ushort[] _pages = new ushort[Limit >> PageBits];
    private readonly ushort[] _values;

    public CodePointMap(ReadOnlySpan<ushort> values)
    {
        var pages = new List<ushort>(1 << 14);
        var known = new Dictionary<ulong, List<int>>();
        for (var page = 0; page < _pages.Length; page++)
        {
            var content = values.Slice(page << PageBits, PageSize);
            _pages[page] = (ushort)Share(content, pages, known);
        }

        _values = [.. pages];
    }

    /// <param name="codePoint">0 to U+10FFFF.</param>
    public ushort this[int codePoint] => _values[(_pages[codePoint >> PageBits] << PageBits) | (codePoint & (PageSize - 1))];

    private static int Share(ReadOnlySpan<ushort> content, List<ushort> pages, Dictionary<ulong, List<int>> known)
    {
        var hash = 14695981039346656037UL;
        foreach (var value in content)
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        if (!known.TryGetValue(hash, out var candidates))
        {
            known[hash] = candidates = [];
        }

        var stored = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pages);
        foreach (var candidate in candidates)
        {
            if (stored.Slice(candidate << PageBits, PageSize).SequenceEqual(content))
            {
                return candidate;
            }
        }

        var page = pages.Count >> PageBits;
        pages.AddRange(content);
        candidates.Add(page);
        return page;
    }
}
