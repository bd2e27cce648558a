// Latency and throughput of models on a GPU beside the processor, at batches of 1, 8 and 64, and whether both give the same numbers.
// Each model is packed, licensed and opened as a user's would be.
using Coffer;
using Coffer.Bundles;
using Coffer.Gpu.Table;
using Coffer.Onnx;
using Coffer.Packaging;

if (args is not [var library, var providerName, .. var models] || Provider(providerName) is not { } provider)
{
    Console.Error.WriteLine("usage: Coffer.Gpu.Table LIBONNXRUNTIME webgpu|cuda [MODEL.onnx...]");
    return 2;
}

OnnxRuntimeLibrary.Use(library);
using var workplace = new Workplace();
if (models.Length == 0)
{
    models = [workplace.File("products.onnx")];
    new LargeModel(edge: 2048, layers: 4).WriteInline(models[0]);
}

var failed = false;
foreach (var model in models)
{
    using var bundle = await workplace.PackAsync(model, new PackOptions { Name = Path.GetFileNameWithoutExtension(model).ToLowerInvariant(), Version = SemanticVersion.Parse("1.0.0"), Task = ModelTasks.Tensors, Proof = null });
    using var opened = bundle.Open();
    using var onGpu = bundle.Open(new ExecutionOptions { Providers = [provider] });
    using var processor = opened.CreateTensorPredictor();
    using var gpu = onGpu.CreateTensorPredictor();
    if (gpu.Describe().Fallback is { } fallback)
    {
        Console.Error.WriteLine($"{model}: not on {fallback.From}: {fallback.Reason}");
        failed = true;
        continue;
    }

    foreach (var batch in BatchTable.Batches)
    {
        failed |= !BatchTable.Print(Path.GetFileName(model), processor, gpu, batch);
    }
}

return failed ? 1 : 0;

static ExecutionProvider? Provider(string name) => name switch
{
    "webgpu" => ExecutionProvider.WebGpu,
    "cuda" => ExecutionProvider.Cuda(),
    _ => null,
};
