namespace Coffer.Text;

/// <summary>Puts prompts of about the same length together, so that little is padded.</summary>
internal sealed class PromptBatches(GenerationModel model, GenerationRequest[] requests, GenerationPlan[] plans)
{
    /// <summary>Whether any two prompts may share a run, if the graphs take it.</summary>
    public bool AreMany => plans.Count(IsOneRow) > 1 && requests.Any(request => request.Options.BatchSize > 1);

    /// <summary>The places of the prompts, a list a run.</summary>
    public List<int[]> For(BatchSupport support)
    {
        var runs = new List<int[]>();
        var run = new List<int>();
        foreach (var place in Enumerable.Range(0, requests.Length).OrderBy(place => requests[place].PromptTokens))
        {
            if (run.Count > 0 && !Fits(run, place, support))
            {
                runs.Add([.. run]);
                run.Clear();
            }

            run.Add(place);
        }

        if (run.Count > 0)
        {
            runs.Add([.. run]);
        }

        return runs;
    }

    // A beam search has rows of its own, and several draws of one prompt come from one random sequence.
    private static bool IsOneRow(GenerationPlan plan) => plan is { Beams: 1, Sequences: 1 };

    private bool Fits(List<int> run, int place, BatchSupport support)
    {
        var (request, first) = (requests[place], requests[run[0]]);
        if (support is BatchSupport.None || !IsOneRow(plans[place]) || !IsOneRow(plans[run[0]]) || run.Count >= request.Options.BatchSize)
        {
            return false;
        }

        var isEven = request.PromptTokens == first.PromptTokens;
        if ((!isEven && support is not BatchSupport.Padded) || (request.Source.Length > 0 && request.Prompt.Length != first.Prompt.Length))
        {
            return false;
        }

        // Graphs may hold a mask or a table for as many tokens as the model has positions, padding included.
        var newTokens = run.Append(place).Max(member => plans[member].MaxNewTokens);
        return (model.MaxPositions is not { } positions || request.Prompt.Length + newTokens <= positions)
            && (request.Options.MaxCacheBytes is not { } limit || model.CacheBytes(request.Prompt.Length + (long)newTokens, request.Source.Length, run.Count + 1) <= limit);
    }
}
