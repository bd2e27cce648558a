namespace Coffer.Text;

/// <summary>What an instruction of a pattern does.</summary>
internal enum PatternCode : byte
{
    /// <summary>The whole pattern, or the body of a look-around or atomic group, matched.</summary>
    Match,

    /// <summary>One code point of a set.</summary>
    Set,

    /// <summary>Code points of a set, as many as there are within limits.</summary>
    Run,

    /// <summary>The next instruction, or else the target.</summary>
    Fork,

    /// <summary>The target, or else the next instruction.</summary>
    LazyFork,

    /// <summary>The target.</summary>
    Jump,

    /// <summary>The body that follows must match here, or must not; then the target.</summary>
    Ahead,

    /// <summary>The code point before must be of a set, or must not.</summary>
    Behind,

    /// <summary>The body that follows, in the way it matches first; then the target.</summary>
    Atomic,

    /// <summary>The start of the text.</summary>
    TextStart,

    /// <summary>The end of the text.</summary>
    TextEnd,

    /// <summary>The end of the text, or a line feed that ends it.</summary>
    TextEndOrLastLine,

    /// <summary>The start of a line.</summary>
    LineStart,

    /// <summary>The end of a line.</summary>
    LineEnd,

    /// <summary>Between a word character and another, or the text's end.</summary>
    WordBoundary,

    /// <summary>Not a word boundary.</summary>
    NoWordBoundary,
}
