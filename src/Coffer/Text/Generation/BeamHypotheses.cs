namespace Coffer.Text;

/// <summary>The best beams that ended: transformers' BeamHypotheses.</summary>
internal sealed class BeamHypotheses(GenerationPlan plan)
{
    private readonly List<BeamHypothesis> _ended = [];
    private float _worst = 1e9f;

    /// <summary>The best first.</summary>
    public IEnumerable<BeamHypothesis> Best => Enumerable.Reverse(_ended).OrderByDescending(hypothesis => hypothesis.Score);

    /// <summary>Takes a beam, if it is better than the worst or there is room.</summary>
    /// <param name="generated">Its tokens without the prompt's.</param>
    /// <param name="sum">The sum of their log-probabilities.</param>
    /// <param name="reason">Why it ended.</param>
    public void Add(int[] generated, float sum, FinishReason reason)
    {
        var score = Score(sum, generated.Length);
        if (_ended.Count >= plan.Beams && !(score > _worst))
        {
            return;
        }

        _ended.Add(new BeamHypothesis(score, generated, reason));
        if (_ended.Count > plan.Beams)
        {
            var worst = _ended.MinBy(hypothesis => hypothesis.Score)!;
            _ended.Remove(worst);
            _worst = _ended.Min(hypothesis => hypothesis.Score);
        }
        else
        {
            _worst = Math.Min(score, _worst);
        }
    }

    /// <summary>Whether no beam that goes on may become better.</summary>
    /// <param name="bestSum">The best sum of log-probabilities among the beams.</param>
    /// <param name="generatedLength">How many tokens they have.</param>
    public bool IsDone(float bestSum, int generatedLength)
    {
        if (_ended.Count < plan.Beams)
        {
            return false;
        }

        return plan.EarlyStopping switch
        {
            EarlyStopping.WhenFull => true,
            EarlyStopping.Heuristic => _worst >= Score(bestSum, generatedLength),
            _ => _worst >= Score(bestSum, plan.LengthPenalty > 0 ? plan.MaxNewTokens : generatedLength),
        };
    }

    private float Score(float sum, int length) => sum / MathF.Pow(length, plan.LengthPenalty);
}
