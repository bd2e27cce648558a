using System.Globalization;
using Coffer.Inference;
using Coffer.Tensors;
using Coffer.Vision;

namespace Coffer.Cli;

/// <summary>What is called to be measured: a predictor with an input.</summary>
internal sealed class BenchLoad : IDisposable
{
    private const int MadeUpEdge = 256;

    // What is made up is the same in every run.
    private const int Seed = 1;

    private readonly IDisposable _predictor;
    private readonly Func<CancellationToken, ValueTask<Call>> _call;

    internal BenchLoad(string description, long inputs, IDisposable predictor, Func<CancellationToken, ValueTask<Call>> call)
    {
        Description = description;
        InputsPerCall = inputs;
        _predictor = predictor;
        _call = call;
    }

    /// <param name="Inputs">Pictures, texts, or <c>NAME=FILE.npy</c>.</param>
    /// <param name="Dimensions">Sizes of free dimensions by their symbols.</param>
    /// <param name="Graph">Null for the only one.</param>
    /// <param name="Batch">Pictures or texts of a call, or the free first dimension.</param>
    public sealed record Request(IReadOnlyList<string> Inputs, IReadOnlyDictionary<string, long> Dimensions, string? Graph, int Batch)
    {
        /// <summary>How many tokens a model that writes texts may write.</summary>
        public int MaxNewTokens { get; init; } = 64;

        /// <summary>A translation's language; null for the model's.</summary>
        public string? From { get; init; }

        /// <summary>A translation's language; null for the model's.</summary>
        public string? To { get; init; }
    }

    /// <summary>Where a call ran, and what it wrote, if it writes.</summary>
    public readonly record struct Call(string ExecutionProvider, Fallback? Fallback, BenchGeneration? Generated = null);

    /// <summary>The input, for people.</summary>
    public string Description { get; }

    /// <summary>Pictures, texts, or rows of tensors.</summary>
    public long InputsPerCall { get; }

    /// <exception cref="FormatException">The request does not fit the model.</exception>
    public static BenchLoad Create(ProtectedModel model, Request request)
    {
        // A text may have a '=' too.
        var takesTexts = BenchTexts.Takes(model.Manifest.Task);
        var tensors = request.Inputs.Where(input => input.Contains('=', StringComparison.Ordinal) && (!takesTexts || input.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))).ToArray();
        if (tensors.Length > 0 && tensors.Length < request.Inputs.Count)
        {
            throw new FormatException("--input names pictures or texts, and tensors. Give one kind.");
        }

        if (takesTexts && tensors.Length == 0 && request is { Graph: null, Dimensions.Count: 0 })
        {
            return BenchTexts.Create(model, request);
        }

        var givesPictures = request.Inputs.Count > 0 && tensors.Length == 0;
        if (givesPictures && model.Manifest.Task != ModelTasks.ImageClassification)
        {
            throw new FormatException($"{model.Manifest.Id} is for '{model.Manifest.Task}' and takes neither pictures nor texts here. Give tensors with --input name=file.npy, or nothing, for made-up ones.");
        }

        return givesPictures || (model.Manifest.Task == ModelTasks.ImageClassification && tensors.Length == 0 && request is { Graph: null, Dimensions.Count: 0 })
            ? OfPictures(model, request)
            : OfTensors(model, request, Values.Pairs("--input", tensors, (_, path) => TensorRun.Read(path)));
    }

    public ValueTask<Call> CallAsync(CancellationToken cancellationToken) => _call(cancellationToken);

    public void Dispose() => _predictor.Dispose();

    private static BenchLoad OfPictures(ProtectedModel model, Request request)
    {
        var classifier = model.CreateImageClassifier();
        var pictures = request.Inputs.Count > 0 ? [.. request.Inputs.Select(ReadPicture)] : new[] { MakePicture() };
        var batch = Enumerable.Range(0, request.Batch).Select(i => pictures[i % pictures.Length]).ToArray();
        var options = new ImageClassifierOptions { BatchSize = Math.Max(request.Batch, 1) };
        var what = request.Inputs.Count > 0
            ? string.Join(", ", request.Inputs.Select(Path.GetFileName))
            : string.Create(CultureInfo.InvariantCulture, $"a made-up picture of {MadeUpEdge}x{MadeUpEdge}");
        var next = -1;
        return new BenchLoad(what, request.Batch, classifier, request.Batch == 1 ? CallOne : CallManyAsync);

        ValueTask<Call> CallOne(CancellationToken cancellationToken)
        {
            var picture = pictures[(uint)Interlocked.Increment(ref next) % pictures.Length];
            var prediction = classifier.Predict(picture, options, cancellationToken);
            return ValueTask.FromResult(new Call(prediction.ExecutionProvider, prediction.Fallback));
        }

        async ValueTask<Call> CallManyAsync(CancellationToken cancellationToken)
        {
            var predictions = await classifier.PredictBatchAsync(batch, options, cancellationToken).ConfigureAwait(false);
            return new Call(predictions[0].ExecutionProvider, predictions[0].Fallback);
        }
    }

    private static BenchLoad OfTensors(ProtectedModel model, Request request, IReadOnlyDictionary<string, Tensor> given)
    {
        var predictor = model.CreateTensorPredictor();
        try
        {
            var signature = predictor.Describe(request.Graph);
            if (given.Keys.FirstOrDefault(name => signature.Inputs.All(input => input.Name != name)) is { } unknown)
            {
                throw new FormatException($"The graph '{signature.Graph}' takes {RunText.Inputs(signature)}; it has no input '{unknown}'.");
            }

            var inputs = signature.Inputs.ToDictionary(input => input.Name, input => given.GetValueOrDefault(input.Name) ?? MakeTensor(input, request), StringComparer.Ordinal);
            var options = new TensorPredictorOptions { Graph = request.Graph };
            var what = string.Join(", ", inputs.Select(input => $"{input.Key} {input.Value}{(given.ContainsKey(input.Key) ? "" : ", made up")}"));
            return new BenchLoad(what, Rows(inputs.Values), predictor, cancellationToken =>
            {
                var prediction = predictor.Predict(inputs, options, cancellationToken);
                return ValueTask.FromResult(new Call(prediction.ExecutionProvider, prediction.Fallback));
            });
        }
        catch
        {
            predictor.Dispose();
            throw;
        }
    }

    // Where every input has the same first dimension, that is taken for the batch.
    private static long Rows(IEnumerable<Tensor> inputs)
    {
        var firsts = inputs.Select(input => input.Shape.Length > 0 ? input.Shape[0] : 1).Distinct().ToList();
        return firsts is [> 0 and var rows] ? rows : 1;
    }

    private static ImageInput ReadPicture(string path)
    {
        try
        {
            // Once: the disk is not what is measured.
            return ImageInput.FromBytes(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(InputError.Unreadable, $"{path}: {e.Message}", e);
        }
    }

    private static ImageInput MakePicture()
    {
        var pixels = new byte[MadeUpEdge * MadeUpEdge * 3];
        new Random(Seed).NextBytes(pixels);
        return ImageInput.FromPixels(pixels, MadeUpEdge, MadeUpEdge, PixelFormat.Rgb24, MadeUpEdge * 3);
    }

    private static Tensor MakeTensor(TensorDescription input, Request request)
    {
        if (input.AnyRank)
        {
            throw new FormatException($"The graph leaves the number of dimensions of '{input.Name}' open. Give it with --input {input.Name}=file.npy.");
        }

        var shape = input.Dimensions.Select((dimension, axis) =>
            dimension.Size ?? (request.Dimensions.TryGetValue(dimension.Symbol, out var size) ? size : axis == 0 ? request.Batch : 1)).ToArray();
        var product = shape.Aggregate(1d, (count, size) => count * size);
        if (product > Array.MaxLength)
        {
            throw new FormatException($"'{input.Name}' with the shape [{string.Join(", ", shape)}] is too large. Give smaller sizes with --dim and --batch.");
        }

        var random = new Random(Seed);
        var length = (int)product;
        // Ones where integers are asked for: an index, a mask or a length that nearly every graph takes.
        return input.ElementType switch
        {
            ElementType.Float32 => Tensor.Create(Fill(length, random.NextSingle), shape),
            ElementType.Float64 => Tensor.Create(Fill(length, random.NextDouble), shape),
            ElementType.Float16 => Tensor.Create(Fill(length, () => (Half)random.NextSingle()), shape),
            ElementType.BFloat16 => Tensor.Create(Fill(length, () => (BFloat16)random.NextSingle()), shape),
            ElementType.Int8 => Tensor.Create(Fill<sbyte>(length, () => 1), shape),
            ElementType.Int16 => Tensor.Create(Fill<short>(length, () => 1), shape),
            ElementType.Int32 => Tensor.Create(Fill(length, () => 1), shape),
            ElementType.Int64 => Tensor.Create(Fill(length, () => 1L), shape),
            ElementType.UInt8 => Tensor.Create(Fill(length, () => (byte)random.Next(256)), shape),
            ElementType.UInt16 => Tensor.Create(Fill<ushort>(length, () => 1), shape),
            ElementType.UInt32 => Tensor.Create(Fill(length, () => 1u), shape),
            ElementType.UInt64 => Tensor.Create(Fill(length, () => 1ul), shape),
            ElementType.Bool => Tensor.Create(Fill(length, () => true), shape),
            ElementType.String => Tensor.Create(Fill(length, () => "text"), shape),
            _ => throw new FormatException($"'{input.Name}' has elements of a type that nothing can be made up for. The bundle can't be measured here."),
        };
    }

    private static T[] Fill<T>(int length, Func<T> next)
    {
        var elements = new T[length];
        foreach (ref var element in elements.AsSpan())
        {
            element = next();
        }

        return elements;
    }
}
