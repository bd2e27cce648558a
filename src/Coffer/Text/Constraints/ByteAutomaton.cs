using System.Runtime.InteropServices;

namespace Coffer.Text.Constraints;

/// <summary>
/// Runs a network as a deterministic automaton that is made as it is needed. Every state that it gives can still reach the end: places that can't
/// are left out, and so are calls so deep that the rest would not fit into the depth. Not thread-safe.
/// </summary>
internal sealed class ByteAutomaton
{
    // Each keeps a table of 256 references and a mask; beyond that all are made anew.
    private const int MaxKept = 8192;

    private const int MaxPlaces = 10_000;

    private readonly ByteNetwork _network;
    private readonly int _maxDepth;
    private readonly Dictionary<(int To, int Outer, int Depth), AutomatonStack> _stacks = [];
    private readonly Dictionary<PlacesKey, AutomatonState> _states = [];
    private int _nextStack = 1;

    public ByteAutomaton(ByteNetwork network, int maxDepth)
    {
        (_network, _maxDepth) = (network, maxDepth);
        Start = Intern([new(network.Root.Start, null)]) ?? throw new ConstraintException(
            ConstraintError.Unsatisfiable, $"Every text that satisfies the constraint nests deeper than {maxDepth} levels. Raise the depth, or correct the schema.");
    }

    public AutomatonState Start { get; }

    /// <summary>The state after a byte, or null where it can't follow.</summary>
    public AutomatonState? Step(AutomatonState from, byte value)
    {
        from.Next ??= new AutomatonState?[256];
        from.Known ??= new ulong[4];
        if ((from.Known[value >> 6] >> (value & 63) & 1) == 0)
        {
            var next = Make(from, value);

            // Making it can have cleared what is kept.
            (from.Next ??= new AutomatonState?[256])[value] = next;
            (from.Known ??= new ulong[4])[value >> 6] |= 1UL << (value & 63);
        }

        return from.Next[value];
    }

    private AutomatonState? Make(AutomatonState from, byte value)
    {
        var places = new List<AutomatonPlace>();
        foreach (var place in from.Places)
        {
            foreach (var edge in CollectionsMarshal.AsSpan(_network[place.State].Bytes))
            {
                if (value >= edge.First && value <= edge.Last)
                {
                    places.Add(place with { State = edge.To });
                }
            }
        }

        return places.Count == 0 ? null : Intern(places);
    }

    private AutomatonState? Intern(List<AutomatonPlace> places)
    {
        var isAccepting = Close(places);
        if (places.Count == 0)
        {
            return null;
        }

        // Only what reads a byte matters from here on.
        var kept = places.Where(place => _network[place.State].Bytes.Count > 0)
            .OrderBy(place => place.State).ThenBy(place => place.Stack?.Id ?? 0).ToArray();
        var key = new PlacesKey(kept, isAccepting);
        if (_states.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_states.Count == MaxKept)
        {
            Forget();
        }

        var state = new AutomatonState(kept, isAccepting);
        _states.Add(key, state);
        return state;
    }

    private void Forget()
    {
        foreach (var state in _states.Values)
        {
            (state.Next, state.Known, state.Mask) = (null, null, null);
        }

        _states.Clear();
        _stacks.Clear();
    }

    /// <summary>Follows what reads nothing; returns whether the text may end.</summary>
    private bool Close(List<AutomatonPlace> places)
    {
        var seen = new HashSet<AutomatonPlace>();
        var open = new Stack<AutomatonPlace>(places);
        var isAccepting = false;
        places.Clear();
        while (open.TryPop(out var place))
        {
            if (!Fits(place) || !seen.Add(place))
            {
                continue;
            }

            if (seen.Count > MaxPlaces)
            {
                throw new ConstraintException(ConstraintError.LimitExceeded, "The constraint is ambiguous beyond what Coffer follows: a schema refers to itself without reading anything, or repetitions overlap. Correct it.");
            }

            places.Add(place);
            var state = _network[place.State];
            if (state.IsEnd)
            {
                isAccepting |= place.Stack is null;
                if (place.Stack is { } stack)
                {
                    open.Push(new(stack.To, stack.Outer));
                }
            }

            foreach (var to in state.Empty)
            {
                open.Push(place with { State = to });
            }

            foreach (var call in state.Calls)
            {
                if (Fits(place with { State = call.To }))
                {
                    open.Push(new(call.Start, Push(call, place.Stack)));
                }
            }
        }

        return isAccepting;
    }

    private bool Fits(AutomatonPlace place) => _network.Needs[place.State] is var need && need != ByteNetwork.Endless && need + (place.Stack?.Depth ?? 0) <= _maxDepth;

    private AutomatonStack Push(CallEdge call, AutomatonStack? outer)
    {
        var depth = (outer?.Depth ?? 0) + call.Weight;
        var key = (call.To, outer?.Id ?? 0, depth);
        if (!_stacks.TryGetValue(key, out var stack))
        {
            _stacks[key] = stack = new(_nextStack++, call.To, outer, depth);
        }

        return stack;
    }

    /// <summary>Sorted places, compared by value.</summary>
    private readonly struct PlacesKey(AutomatonPlace[] places, bool isAccepting) : IEquatable<PlacesKey>
    {
        private readonly AutomatonPlace[] _places = places;
        private readonly bool _isAccepting = isAccepting;

        public bool Equals(PlacesKey other) => _isAccepting == other._isAccepting && _places.AsSpan().SequenceEqual(other._places);

        public override bool Equals(object? obj) => obj is PlacesKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var place in _places)
            {
                hash.Add(place.State);
                hash.Add(place.Stack?.Id ?? 0);
            }

            return hash.ToHashCode();
        }
    }
}
