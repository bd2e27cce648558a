using System.Runtime.InteropServices;
using System.Text;

namespace Coffer.Text.Constraints;

/// <summary>
/// A grammar over the bytes of UTF-8: rules, each a nondeterministic automaton whose edges read a byte, read nothing, or call another rule
/// (a recursive transition network: Woods 1970). A regular expression is one rule without calls.
/// </summary>
internal sealed class ByteNetwork
{
    private const int MaxStates = 400_000;

    /// <summary>Stands for a state that has no way to its rule's end.</summary>
    public const int Endless = int.MaxValue;

    private readonly List<NetworkState> _states = [];

    /// <summary>For each state the least depth of calls that count, from it to its rule's end; <see cref="Endless"/> where there is no way.</summary>
    public int[] Needs { get; private set; } = [];

    public NetworkState this[int state] => _states[state];

    public NetworkRule Root { get; private set; }

    public NetworkRule AddRule()
    {
        var rule = new NetworkRule(AddState(), AddState());
        _states[rule.End].IsEnd = true;
        return rule;
    }

    public int AddState()
    {
        if (_states.Count == MaxStates)
        {
            throw new ConstraintException(ConstraintError.LimitExceeded, $"The constraint needs more than {MaxStates} states. Make its repetitions shorter.");
        }

        _states.Add(new());
        return _states.Count - 1;
    }

    public void AddByte(int from, byte first, byte last, int to) => _states[from].Bytes.Add(new(first, last, to));

    public void AddEmpty(int from, int to) => _states[from].Empty.Add(to);

    /// <summary>A call, and where it returns.</summary>
    /// <param name="from">The calling state.</param>
    /// <param name="rule">The called rule.</param>
    /// <param name="to">Where it goes on.</param>
    /// <param name="counts">Whether the call counts as a level of depth.</param>
    public void AddCall(int from, NetworkRule rule, int to, bool counts = false) => _states[from].Calls.Add(new(rule.Start, to, counts ? 1 : 0));

    /// <summary>A rule of what is added between its ends: from a state, to the state that is returned.</summary>
    public NetworkRule MakeRule(Func<int, int> add)
    {
        var rule = AddRule();
        AddEmpty(add(rule.Start), rule.End);
        return rule;
    }

    /// <summary>A call; returns the state after it.</summary>
    public int AddCallTo(int from, NetworkRule rule)
    {
        var to = AddState();
        AddCall(from, rule, to);
        return to;
    }

    /// <summary>Reads exactly this text; returns the state after it.</summary>
    public int AddText(int from, string text) => AddText(from, Encoding.UTF8.GetBytes(text));

    /// <summary>Reads exactly these bytes; returns the state after them.</summary>
    public int AddText(int from, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            var next = AddState();
            AddByte(from, value, value, next);
            from = next;
        }

        return from;
    }

    /// <summary>Ends the building; states without a way to an end are never entered.</summary>
    /// <exception cref="ConstraintException">The whole has no way to its end (<see cref="ConstraintError.Unsatisfiable"/>).</exception>
    public void Freeze(NetworkRule root)
    {
        Root = root;
        Needs = new int[_states.Count];
        Array.Fill(Needs, Endless);
        for (var changed = true; changed;)
        {
            changed = false;
            for (var state = _states.Count - 1; state >= 0; state--)
            {
                var need = Need(_states[state]);
                changed |= need < Needs[state];
                Needs[state] = Math.Min(need, Needs[state]);
            }
        }

        if (Needs[root.Start] == Endless)
        {
            throw new ConstraintException(ConstraintError.Unsatisfiable, "No text satisfies the constraint. Correct its pattern or schema.");
        }
    }

    private int Need(NetworkState state)
    {
        var least = state.IsEnd ? 0 : Endless;
        foreach (var edge in CollectionsMarshal.AsSpan(state.Bytes))
        {
            least = Math.Min(least, Needs[edge.To]);
        }

        foreach (var to in state.Empty)
        {
            least = Math.Min(least, Needs[to]);
        }

        foreach (var call in state.Calls)
        {
            var inner = Needs[call.Start];
            least = Math.Min(least, Math.Max(inner == Endless ? Endless : inner + call.Weight, Needs[call.To]));
        }

        return least;
    }
}

internal readonly record struct NetworkRule(int Start, int End);

internal readonly record struct ByteEdge(byte First, byte Last, int To);

internal readonly record struct CallEdge(int Start, int To, int Weight);

internal sealed class NetworkState
{
    public List<ByteEdge> Bytes { get; } = new(1);

    public List<int> Empty { get; } = new(0);

    public List<CallEdge> Calls { get; } = new(0);

    public bool IsEnd { get; set; }
}
