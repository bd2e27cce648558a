namespace Coffer.Text;

/// <summary>An application's own kind of content: customer numbers, case files.</summary>
/// <param name="Kind">What it is called in licenses, counts and placeholders, for example <c>customer-number</c>.</param>
/// <param name="Pattern">A regular expression of .NET without what needs backtracking (look-around, back references), so that it takes linear time.</param>
public sealed record RedactionPattern(string Kind, string Pattern);
