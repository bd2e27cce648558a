using System.Net;
using System.Runtime.InteropServices;
using Coffer.Tensors;

namespace Hybrid;

/// <summary>
/// A server of the model on the loopback, as small as can be: the body of a request is the graph's input, float32 [batch, 3, 32, 32], that of
/// the reply its output.
/// </summary>
internal sealed class Endpoint : IDisposable
{
    private readonly TensorPredictor _predictor;
    private HttpListener? _listener;

    public Endpoint(TensorPredictor predictor)
    {
        _predictor = predictor;
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Uri = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/digits/");
        probe.Stop();
        Start();
    }

    public Uri Uri { get; }

    public void Start()
    {
        _listener = new HttpListener();
        _listener.Prefixes.Add(Uri.AbsoluteUri);
        _listener.Start();
        _ = ServeAsync(_listener);
    }

    public void Stop() => _listener?.Close();

    public void Dispose()
    {
        Stop();
        _predictor.Dispose();
    }

    private async Task ServeAsync(HttpListener listener)
    {
        try
        {
            while (true)
            {
                await AnswerAsync(await listener.GetContextAsync());
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var pixels = MemoryMarshal.Cast<byte, float>(body.ToArray()).ToArray();
        var input = Tensor.Create(pixels, [pixels.Length / (3 * 32 * 32), 3, 32, 32]);
        var signature = _predictor.Describe();
        var prediction = await _predictor.PredictAsync(new Dictionary<string, Tensor> { [signature.Inputs[0].Name] = input });
        var logits = MemoryMarshal.AsBytes(prediction.Value[signature.Outputs[0].Name].AsSpan<float>()).ToArray();
        context.Response.ContentLength64 = logits.Length;
        await context.Response.OutputStream.WriteAsync(logits);
        context.Response.Close();
    }
}
