// The peer of the classify benchmark. Arguments: model, its input, its output, the input's edge, mean and deviation. Reads the path of a picture a
// line, and answers each with the class, the nanoseconds and the allocated bytes.
using System.Globalization;
using Coffer.Benchmarks;

using var classifier = new MlNetClassifier(args[0], args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture), Number(args[4]), Number(args[5]));
while (Console.ReadLine() is { } picture)
{
    var label = -1;
    var sample = Sample.Measure(1, () => label = classifier.Classify(picture));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{label} {sample.Nanoseconds:F0} {sample.Bytes:F0}"));
}

static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
