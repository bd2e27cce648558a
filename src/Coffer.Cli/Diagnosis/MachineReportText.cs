using System.Text.Json;
using Coffer.Onnx;

namespace Coffer.Cli.Diagnosis;

/// <summary>The report for people and for programs.</summary>
internal static class MachineReportText
{
    public static void Write(Output output, MachineReport report)
    {
        output.Fields(
            ("Coffer", Versions.Tool),
            (".NET", report.Framework),
            ("System", $"{report.System}, {report.RuntimeIdentifier}, {report.Processors} processors"),
            ("Processor", Features(report)),
            ("ONNX Runtime", Runtime(report.Runtime)),
            ("Pictures", report.Pictures.Problem ?? report.Pictures.Version),
            ("Keys", $"{report.Keys.Protection} in {report.Keys.Folder}{(report.Keys.Problem is { } problem ? $". {problem}" : "")}"));
        if (report.Runtime.Providers.Count == 0)
        {
            return;
        }

        output.Line();
        output.Table(
        [
            ["Execution provider", "State", ""],
            .. report.Runtime.Providers.Select(provider => new[] { provider.Name, provider.IsAvailable ? "found" : "missing", Obstacle(provider) }),
            .. report.Runtime.OtherProviders.Select(name => new[] { name, "found", "Coffer has no option for it." }),
        ]);
        output.Line();
        output.Line("The tool carries ONNX Runtime's build for processors; --ort-library PATH makes it use another one.");
    }

    public static void WriteJson(Output output, MachineReport report) => output.Json(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("sound", report.IsSound);
        json.WriteString("coffer", Versions.Tool);
        json.WriteString("dotnet", report.Framework);
        json.WriteString("system", report.System);
        json.WriteString("runtimeIdentifier", report.RuntimeIdentifier);
        json.WriteNumber("processors", report.Processors);
        WriteFeatures(json, report.Features);
        WriteRuntime(json, report.Runtime);
        json.WriteStartObject("pictures");
        json.WriteString("version", report.Pictures.Version);
        json.WriteString("problem", report.Pictures.Problem);
        json.WriteEndObject();
        json.WriteStartObject("keys");
        json.WriteString("folder", report.Keys.Folder);
        json.WriteString("protection", report.Keys.Protection);
        json.WriteString("problem", report.Keys.Problem);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static string? Features(MachineReport report)
    {
        if (report.Features.Count == 0)
        {
            return null;
        }

        var present = string.Join(", ", report.Features.Where(feature => feature.IsPresent).Select(feature => feature.Name));
        var absent = string.Join(", ", report.Features.Where(feature => !feature.IsPresent).Select(feature => $"{feature.Name} ({feature.Purpose})"));
        return $"{(present.Length > 0 ? present : "none of the usual")}{(absent.Length > 0 ? $"; without {absent}" : "")}";
    }

    private static string Runtime(OnnxRuntimeReport runtime) =>
        runtime.Problem ?? $"{runtime.Version} (managed {runtime.ManagedVersion}){(runtime.LibraryPath is { } path ? $", {path}" : "")}";

    private static string Obstacle(ExecutionProviderReport provider) =>
        provider.Reason is { } reason ? $"{char.ToUpperInvariant(reason[0])}{reason[1..].TrimEnd('.')}. {provider.Fix}" : "";

    private static void WriteFeatures(Utf8JsonWriter json, IReadOnlyList<CpuFeature> features)
    {
        json.WriteStartObject("cpuFeatures");
        foreach (var feature in features)
        {
            json.WriteBoolean(feature.Name, feature.IsPresent);
        }

        json.WriteEndObject();
    }

    private static void WriteRuntime(Utf8JsonWriter json, OnnxRuntimeReport runtime)
    {
        json.WriteStartObject("onnxRuntime");
        json.WriteBoolean("usable", runtime.IsUsable);
        json.WriteString("version", runtime.Version);
        json.WriteString("managedVersion", runtime.ManagedVersion);
        json.WriteString("library", runtime.LibraryPath);
        json.WriteString("error", runtime.Error?.ToString());
        json.WriteString("problem", runtime.Problem);
        json.WriteStartArray("providers");
        foreach (var provider in runtime.Providers)
        {
            json.WriteStartObject();
            json.WriteString("name", provider.Name);
            json.WriteBoolean("available", provider.IsAvailable);
            json.WriteString("reason", provider.Reason);
            json.WriteString("fix", provider.Fix);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("otherProviders");
        foreach (var name in runtime.OtherProviders)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
