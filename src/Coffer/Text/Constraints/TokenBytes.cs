using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Coffer.Text.Constraints;

/// <summary>What bytes each token of a vocabulary adds to a text, sorted, so that tokens with a common beginning stand together.</summary>
internal sealed class TokenBytes
{
    private static readonly ConditionalWeakTable<Tokenizer, TokenBytes> Known = [];

    private readonly (byte[] Bytes, int Id)[] _tokens;
    private readonly int[] _common;
    private readonly byte[]?[] _byId;

    private TokenBytes(Tokenizer tokenizer)
    {
        _byId = new byte[]?[tokenizer.VocabularySize];
        var isByteLevel = tokenizer.Decoder?.Contains<ByteLevelDecoder>() == true;
        var hasByteTokens = tokenizer.Decoder?.Contains<ByteFallbackDecoder>() == true;
        var tokens = new List<(byte[] Bytes, int Id)>(_byId.Length);
        for (var id = 0; id < _byId.Length; id++)
        {
            // Special tokens are no text; an empty one would add nothing for ever.
            if (!tokenizer.IsSpecial(id) && tokenizer.IdToToken(id) is { } token && Read(tokenizer, token, id, isByteLevel, hasByteTokens) is { Length: > 0 } bytes)
            {
                _byId[id] = bytes;
                tokens.Add((bytes, id));
            }
        }

        _tokens = [.. tokens];
        Array.Sort(_tokens, (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        _common = [.. _tokens.Select((token, i) => i == 0 ? 0 : token.Bytes.AsSpan().CommonPrefixLength(_tokens[i - 1].Bytes))];
    }

    public int Count => _byId.Length;

    public static TokenBytes Of(Tokenizer tokenizer) => Known.GetValue(tokenizer, static of => new(of));

    /// <summary>What a token adds, or null where it adds no text.</summary>
    public byte[]? this[int id] => (uint)id < (uint)_byId.Length ? _byId[id] : null;

    /// <summary>Which tokens can follow a state: bit by token number.</summary>
    public ulong[] Allowed(ByteAutomaton automaton, AutomatonState from)
    {
        var allowed = new ulong[(_byId.Length + 63) / 64];
        var states = new List<AutomatonState> { from };
        for (var i = 0; i < _tokens.Length; i++)
        {
            var (bytes, id) = _tokens[i];

            // As much as it shares with the token before is read already, or known to lead nowhere.
            if (_common[i] < states.Count - 1)
            {
                states.RemoveRange(_common[i] + 1, states.Count - _common[i] - 1);
            }

            if (_common[i] >= states.Count)
            {
                continue;
            }

            while (states.Count <= bytes.Length && automaton.Step(states[^1], bytes[states.Count - 1]) is { } next)
            {
                states.Add(next);
            }

            if (states.Count == bytes.Length + 1)
            {
                allowed[id >> 6] |= 1UL << (id & 63);
            }
        }

        return allowed;
    }

    private static byte[]? Read(Tokenizer tokenizer, string token, int id, bool isByteLevel, bool hasByteTokens)
    {
        if (isByteLevel)
        {
            return ReadByteLevel(token);
        }

        if (hasByteTokens && token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return [value];
        }

        // After itself, because decoders treat the first token differently.
        var alone = tokenizer.Join([id], skipSpecialTokens: false);
        var twice = tokenizer.Join([id, id], skipSpecialTokens: false);
        return twice.StartsWith(alone, StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(twice[alone.Length..]) : null;
    }

    private static byte[] ReadByteLevel(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!ByteAlphabet.TryGetByte(token[i], out bytes[i]))
            {
                // An added token in plain text.
                return Encoding.UTF8.GetBytes(token);
            }
        }

        return bytes;
    }
}
