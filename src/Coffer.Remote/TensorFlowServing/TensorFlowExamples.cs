using System.Text.Json;
using Coffer.Remote.TensorFlow;
using Google.Protobuf;

namespace Coffer.Remote;

/// <summary>Examples on the wire: tf.Example, and the REST API's objects.</summary>
internal static class TensorFlowExamples
{
    public static Example ToMessage(TensorFlowExample example)
    {
        var features = new Features();
        foreach (var (name, values) in example.Floats)
        {
            var list = new FloatList();
            list.Value.AddRange(values);
            features.Feature.Add(name, new Feature { FloatList = list });
        }

        foreach (var (name, values) in example.Integers)
        {
            var list = new Int64List();
            list.Value.AddRange(values);
            features.Feature.Add(name, new Feature { Int64List = list });
        }

        foreach (var (name, values) in example.Texts)
        {
            var list = new BytesList();
            list.Value.AddRange(values.Select(ByteString.CopyFromUtf8));
            features.Feature.Add(name, new Feature { BytesList = list });
        }

        return new Example { Features = features };
    }

    public static void Write(Utf8JsonWriter writer, TensorFlowExample example)
    {
        writer.WriteStartObject();
        WriteFeatures(writer, example.Floats);
        WriteFeatures(writer, example.Integers);
        WriteFeatures(writer, example.Texts);
        writer.WriteEndObject();
    }

    /// <exception cref="InvalidDataException">There are more or fewer results than examples.</exception>
    public static IReadOnlyList<T> RequireCount<T>(IReadOnlyList<TensorFlowExample> examples, IEnumerable<T> results)
    {
        T[] list = [.. results];
        return list.Length == examples.Count ? list : throw new InvalidDataException($"it has {list.Length} results for {examples.Count} examples");
    }

    private static void WriteFeatures<T>(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<T>> features)
    {
        foreach (var (name, values) in features)
        {
            writer.WriteStartArray(name);
            foreach (var value in values)
            {
                JsonElements.Write(writer, value);
            }

            writer.WriteEndArray();
        }
    }
}
