namespace Coffer.Remote;

/// <summary>How an endpoint of Vertex AI is asked.</summary>
public enum VertexAIMethod
{
    /// <summary><c>:predict</c>: <c>{"instances": [{"x": …}, …], "parameters": …}</c> to <c>{"predictions": […]}</c>, row by row.</summary>
    Predict,

    /// <summary><c>:rawPredict</c>: the container's own JSON.</summary>
    RawPredict,
}
