namespace Coffer.Text;

/// <summary>A symbol of a piece while pairs are merged: a doubly linked list in an array.</summary>
internal struct MergeSymbol
{
    public int Id;
    public int Start;
    public int End;
    public int Previous;
    public int Next;
}
