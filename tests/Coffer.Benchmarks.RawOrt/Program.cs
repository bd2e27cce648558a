// The peer of the cold benchmark: what an application does that has the plain model and no Coffer. Arguments: model, its input, its
// output, the input's edge, mean and deviation, and a picture. Prints the class with the highest score.
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;

var (edge, mean, deviation) = (int.Parse(args[3], CultureInfo.InvariantCulture), Number(args[4]), Number(args[5]));
using var session = new InferenceSession(args[0]);
using var picture = SKBitmap.Decode(args[6]);
using var scaled = picture.Resize(new SKImageInfo(edge, edge, SKColorType.Rgba8888), new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
var pixels = scaled.GetPixelSpan();
var values = new float[3 * edge * edge];
for (var i = 0; i < edge * edge; i++)
{
    for (var channel = 0; channel < 3; channel++)
    {
        values[(channel * edge * edge) + i] = ((pixels[(4 * i) + channel] / 255f) - mean) / deviation;
    }
}

using var input = OrtValue.CreateTensorValueFromMemory(values, [1, 3, edge, edge]);
using var run = new RunOptions();
using var outputs = session.Run(run, [args[1]], [input], [args[2]]);
var scores = outputs[0].GetTensorDataAsSpan<float>();
var best = 0;
for (var i = 1; i < scores.Length; i++)
{
    best = scores[i] > scores[best] ? i : best;
}

Console.WriteLine(best);

static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
