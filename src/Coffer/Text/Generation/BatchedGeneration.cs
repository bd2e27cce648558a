namespace Coffer.Text;

/// <summary>
/// Generates for several prompts in one run: each row has its own processors, its own draws and its own end. Rows that have ended go on with padding, and
/// nobody reads them.
/// </summary>
internal sealed class BatchedGeneration(GenerationModel model, TimeProvider time)
{
    private const int Unknown = -1;

    private volatile int _support = Unknown;

    /// <summary>The places of the prompts, a list a run.</summary>
    public List<int[]> Plan(GenerationRequest[] requests, GenerationPlan[] plans, CancellationToken cancellationToken)
    {
        var batches = new PromptBatches(model, requests, plans);
        if (!batches.AreMany)
        {
            return batches.For(BatchSupport.None);
        }

        if (_support == Unknown)
        {
            var tokens = requests[0].Source.Length > 0 ? requests[0].Source : requests[0].Prompt;
            _support = (int)BatchProbe.Find(model, tokens, requests[0].Prompt, cancellationToken);
        }

        return batches.For((BatchSupport)_support);
    }

    /// <summary>Generates for the prompts at some places.</summary>
    public void Run(GenerationRequest[] requests, GenerationPlan[] plans, int[] places, GeneratedText[] results, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var newTokens = places.Max(place => plans[place].MaxNewTokens);
        using var rows = new PromptRows(model, Array.ConvertAll(places, place => requests[place].Prompt), Array.ConvertAll(places, place => requests[place].Source), newTokens);
        var runs = new SequenceRun[places.Length];
        for (var row = 0; row < runs.Length; row++)
        {
            runs[row] = new SequenceRun(model, rows.State, requests[places[row]], plans[places[row]], plans[places[row]].CreateRandom(), row);
        }

        cancellationToken.ThrowIfCancellationRequested();
        rows.Begin(cancellationToken);
        var tokens = new int[runs.Length];
        var goOn = Take(runs, tokens);
        var first = time.GetElapsedTime(started);
        while (goOn)
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows.State.Run(tokens, cancellationToken);
            goOn = Take(runs, tokens);
        }

        for (var row = 0; row < runs.Length; row++)
        {
            results[places[row]] = new GeneratedText([runs[row].Result], runs[row].Usage) { TimeToFirstToken = first };
        }
    }

    /// <summary>Chooses the next token of each row.</summary>
    /// <returns>Whether one of them goes on.</returns>
    private bool Take(SequenceRun[] runs, int[] tokens)
    {
        var goOn = false;
        for (var row = 0; row < runs.Length; row++)
        {
            if (runs[row].Ended is not null)
            {
                tokens[row] = model.PaddingToken;
                continue;
            }

            _ = runs[row].Take();
            tokens[row] = runs[row].Ids[^1];
            goOn |= runs[row].Ended is null;
        }

        return goOn;
    }
}
