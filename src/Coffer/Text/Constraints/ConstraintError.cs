namespace Coffer.Text;

/// <summary>Why a constraint on generated text can't be made, or can't be kept.</summary>
public enum ConstraintError
{
    /// <summary>The regular expression has what constraints do not read; the message names it.</summary>
    UnsupportedPattern,

    /// <summary>The JSON schema is not one.</summary>
    InvalidSchema,

    /// <summary>The JSON schema has a keyword that constraints do not have; the message names it.</summary>
    UnsupportedKeyword,

    /// <summary>No text satisfies the constraint, or none that the model's tokens can write.</summary>
    Unsatisfiable,

    /// <summary>The constraint is larger than Coffer builds.</summary>
    LimitExceeded,

    /// <summary>The generated tokens left the constraint: something else chose or forced them.</summary>
    Violated,
}
